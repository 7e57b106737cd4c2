import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { ChangeTeamDto, CreateTeamDto, DeletedTeamDto, TeamDto, TeamListDto } from './teams.dto.js';

const ID = { name: 'id', description: 'The id of the team.', example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' };
const SOON = 'In effect everywhere within a second.';

export const CreateTeamDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Make a team',
      description:
        'Keys that name it as their `team` share its limits, budgets, cache and end users, and may use no more models than it may. Limits of the key, its team and the end user apply together.',
    }),
    ApiBody({
      type: CreateTeamDto,
      examples: {
        simple: { summary: 'A team without limits', value: { name: 'search' } },
        limited: {
          summary: 'A team that may use some models, so often',
          value: {
            name: 'support',
            models: ['echo', 'gpt-4o-mini'],
            requests_per_minute: 600,
            tokens_per_minute: 200_000,
            concurrency: 50,
          },
        },
      },
    }),
    ApiOkResponse({ type: TeamDto }),
    ApiErrors(400, 401, 403, 409, 429, 503),
  );

export const ListTeamsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List teams', description: 'Newest first.' }),
    ApiOkResponse({ type: TeamListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ReadTeamDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one team' }),
    ApiParam(ID),
    ApiOkResponse({ type: TeamDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const ChangeTeamDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Change a team',
      description: `What is left out stays as it is; lists are given whole; null takes a limit away. ${SOON} A caller cannot disable the team of its own key.`,
    }),
    ApiParam(ID),
    ApiBody({
      type: ChangeTeamDto,
      examples: {
        limits: { summary: 'Other limits', value: { requests_per_minute: 1_200, concurrency: null } },
        models: { summary: 'Other models', value: { models: ['gpt-4o-mini', 'claude-*'] } },
        disable: { summary: 'Switch all its keys off', value: { disabled: true } },
      },
    }),
    ApiOkResponse({ type: TeamDto }),
    ApiErrors(400, 401, 403, 404, 409, 429, 503),
  );

export const DeleteTeamDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Delete a team',
      description: 'Only one without keys. Its end users go with it; its calls stay in the ledger under its id.',
    }),
    ApiParam(ID),
    ApiOkResponse({ type: DeletedTeamDto }),
    ApiErrors(401, 403, 404, 409, 429, 503),
  );
