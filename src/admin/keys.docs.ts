import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { ChangeKeyDto, CreateKeyDto, DeletedKeyDto, KeyDto, KeyListDto, NewKeyDto, RotateKeyDto } from './keys.dto.js';

const ID = { name: 'id', description: 'The id of the key, or its public id.', example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' };
const SOON = 'In effect everywhere within a second.';

export const CreateKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Make a key', description: 'The answer shows its text, this once: only a digest of the secret is kept.' }),
    ApiBody({
      type: CreateKeyDto,
      examples: {
        simple: { summary: 'A client that may do what clients may', value: { name: 'my-app' } },
        restricted: {
          summary: 'A client with limits and restrictions',
          value: {
            name: 'search',
            models: ['echo', 'gpt-4*'],
            routes: ['chat', 'models'],
            ip_allow: ['127.0.0.1', '::1', '10.0.0.0/8'],
            expires_at: '2099-01-01T00:00:00Z',
            tags: { app: 'search', stage: 'production' },
            requests_per_minute: 120,
            concurrency: 20,
          },
        },
        viewer: { summary: 'A scraper of metrics', value: { name: 'prometheus', role: 'viewer', routes: ['metrics'] } },
      },
    }),
    ApiOkResponse({ type: NewKeyDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ListKeysDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List keys',
      description: 'Newest first, with those that have ended. Keys of the environment are not among them.',
    }),
    ApiOkResponse({ type: KeyListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ReadKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one key' }),
    ApiParam(ID),
    ApiOkResponse({ type: KeyDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const ChangeKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Change a key',
      description: `What is left out stays as it is; lists and tags are given whole; null takes a team, an expiry or a limit away. ${SOON} A key cannot take the administration away from itself.`,
    }),
    ApiParam(ID),
    ApiBody({
      type: ChangeKeyDto,
      examples: {
        limits: { summary: 'Other limits', value: { requests_per_minute: 600, concurrency: null } },
        models: { summary: 'Other models', value: { models: ['gpt-4o-mini', 'claude-*'] } },
        disable: { summary: 'Switch it off', value: { disabled: true } },
      },
    }),
    ApiOkResponse({ type: KeyDto }),
    ApiErrors(400, 401, 403, 404, 409, 429, 503),
  );

export const RotateKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Give a key a new secret',
      description:
        'The answer shows the new text, this once. The old one works on for the overlap; one that is older than that ends at once. Id, public id and everything else stay.',
    }),
    ApiParam(ID),
    ApiBody({
      type: RotateKeyDto,
      required: false,
      examples: {
        usual: { summary: 'The old one works for a day', value: {} },
        leaked: { summary: 'It ends at once', value: { overlap_seconds: 0 } },
      },
    }),
    ApiOkResponse({ type: NewKeyDto }),
    ApiErrors(400, 401, 403, 404, 409, 429, 503),
  );

export const RevokeKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'End a key for good', description: `${SOON} Calls in flight finish. A key cannot revoke itself.` }),
    ApiParam(ID),
    ApiOkResponse({ type: KeyDto }),
    ApiErrors(401, 403, 404, 409, 429, 503),
  );

export const DeleteKeyDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Take a key that has ended out of the list',
      description: 'Only a revoked or expired one. Its calls stay in the ledger under its id.',
    }),
    ApiParam(ID),
    ApiOkResponse({ type: DeletedKeyDto }),
    ApiErrors(401, 403, 404, 409, 429, 503),
  );
