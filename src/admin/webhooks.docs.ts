import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import {
  ChangeWebhookDto,
  CreateWebhookDto,
  DeletedWebhookDto,
  WebhookDto,
  WebhookListDto,
  WebhookTestDto,
  WebhookWithSecretDto,
} from './webhooks.dto.js';

const ID = { name: 'id', description: 'The id of the webhook.', example: '019512aa-7a10-7c1e-9b2d-1f2e3d4c5b6a' };

export const CreateWebhookDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Make a webhook',
      description:
        'Each alert that it wants is posted there, signed as Standard Webhooks says if it has a secret. The answer shows the secret, this once.',
    }),
    ApiBody({
      type: CreateWebhookDto,
      examples: {
        slack: {
          summary: "A channel of Slack's",
          value: { name: 'ops-channel', url: 'https://hooks.slack.com/services/T000/B000/XXXX', format: 'slack' },
        },
        signed: {
          summary: 'A receiver of your own, signed',
          value: { name: 'billing', url: 'https://hooks.example.com/tollgate', secret: 'generate', kinds: ['budget_threshold'] },
        },
      },
    }),
    ApiOkResponse({ type: WebhookWithSecretDto }),
    ApiErrors(400, 401, 403, 409, 429, 503),
  );

export const ListWebhooksDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List webhooks', description: 'All of them, newest first. Addresses are shown without path and query.' }),
    ApiOkResponse({ type: WebhookListDto }),
    ApiErrors(401, 403, 429, 503),
  );

export const ReadWebhookDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one webhook' }),
    ApiParam(ID),
    ApiOkResponse({ type: WebhookDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const ChangeWebhookDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Change a webhook',
      description:
        'What is left out stays as it is; the kinds are given whole. A new secret counts from the next attempt on, without overlap.',
    }),
    ApiParam(ID),
    ApiBody({
      type: ChangeWebhookDto,
      examples: {
        disable: { summary: 'Switch it off', value: { disabled: true } },
        kinds: { summary: 'Other alerts', value: { kinds: ['budget_threshold', 'bound_exceeded'] } },
        secret: { summary: 'Another secret', value: { secret: 'generate' } },
      },
    }),
    ApiOkResponse({ type: WebhookWithSecretDto }),
    ApiErrors(400, 401, 403, 404, 429, 503),
  );

export const DeleteWebhookDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Delete a webhook', description: 'With all its deliveries. The alerts stay.' }),
    ApiParam(ID),
    ApiOkResponse({ type: DeletedWebhookDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const TestWebhookDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Send a test',
      description: 'Once and at once, also while the webhook is off. 200 whatever came of it: see `delivered`.',
    }),
    ApiParam(ID),
    ApiOkResponse({ type: WebhookTestDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
