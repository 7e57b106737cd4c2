import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { ChangeEndUserDto, CreateEndUserDto, DeletedEndUserDto, EndUserDto, EndUserListDto } from './users.dto.js';

const ID = { name: 'id', description: 'The id of the record, not what calls name.', example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' };
const SOON = 'In effect everywhere within a second.';

export const CreateEndUserDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Decide about an end user',
      description: `End users need not be recorded: only those about whom something is decided. One belongs to a team, or to a key without team, and the same name elsewhere is somebody else. ${SOON}`,
    }),
    ApiBody({
      type: CreateEndUserDto,
      examples: {
        limited: {
          summary: 'An end user of a team, with limits',
          value: { user_id: 'ann', team: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e', requests_per_minute: 10, tokens_per_minute: 20_000 },
        },
        disabled: {
          summary: 'An end user of a key without team, kept out',
          value: { user_id: 'ben', key: 'h7Kq2mWx9RtZ', disabled: true },
        },
      },
    }),
    ApiOkResponse({ type: EndUserDto }),
    ApiErrors(400, 401, 403, 409, 429, 503),
  );

export const ListEndUsersDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List end users', description: 'Newest first; only those about whom something was decided.' }),
    ApiOkResponse({ type: EndUserListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ReadEndUserDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one end user' }),
    ApiParam(ID),
    ApiOkResponse({ type: EndUserDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const ChangeEndUserDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Change an end user',
      description: `What is left out stays as it is; lists are given whole; null takes a name or a limit away. ${SOON}`,
    }),
    ApiParam(ID),
    ApiBody({
      type: ChangeEndUserDto,
      examples: {
        limits: { summary: 'Other limits', value: { requests_per_minute: 30, concurrency: null } },
        disable: { summary: 'Keep it out', value: { disabled: true } },
      },
    }),
    ApiOkResponse({ type: EndUserDto }),
    ApiErrors(400, 401, 403, 404, 429, 503),
  );

export const DeleteEndUserDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Take back what was decided about an end user', description: `It is like anybody again. ${SOON}` }),
    ApiParam(ID),
    ApiOkResponse({ type: DeletedEndUserDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
