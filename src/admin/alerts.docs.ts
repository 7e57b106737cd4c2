import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { AlertListDto, DeliveryDto, DeliveryListDto } from './alerts.dto.js';

const ID = { name: 'id', description: 'The id of the delivery.', example: '5f0c2b7a-91de-4c1b-9f3a-0d2e4c6b8a10' };

export const ListAlertsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List alerts',
      description: 'Newest first. Each occasion is one alert: a threshold of a budget once in each period.',
    }),
    ApiOkResponse({ type: AlertListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ListDeliveriesDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List deliveries', description: 'Newest first: which alert went to which webhook, and what came of it.' }),
    ApiOkResponse({ type: DeliveryListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const RetryDeliveryDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Deliver once more',
      description: 'At once, with all its attempts before it. One that has arrived, or whose webhook is switched off, is a conflict.',
    }),
    ApiParam(ID),
    ApiOkResponse({ type: DeliveryDto }),
    ApiErrors(401, 403, 404, 409, 429, 503),
  );
