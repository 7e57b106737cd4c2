import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { BindingBudgetListDto, RateLimitListDto } from './limits.dto.js';

export const RateLimitsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Rate limits of this key',
      description: 'Each limit of the key and of its team, and with a JWT of its subject: how much of it is used, and when that resets.',
    }),
    ApiOkResponse({ type: RateLimitListDto }),
    ApiErrors(401, 403, 429, 503),
  );

export const UserRateLimitsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Rate limits of an end user',
      description:
        'Each limit of one end user of the team of this key, or of the key if it has none. With a JWT of a client that is its own subject alone.',
    }),
    ApiParam({ name: 'user_id', description: 'As calls name the end user.', example: 'user-42' }),
    ApiOkResponse({ type: RateLimitListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const BudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Budgets of this key',
      description:
        'Each budget that binds calls of this key: its own, those of its team, its tags and everything, and with a JWT those of its subject.',
    }),
    ApiOkResponse({ type: BindingBudgetListDto }),
    ApiErrors(401, 403, 429, 503),
  );
