import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { BudgetDto, BudgetListDto, ChangeBudgetDto, CreateBudgetDto, DeletedBudgetDto } from './budgets.dto.js';

const ID = { name: 'id', description: 'The id of the budget.', example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' };
const SOON = 'In effect everywhere within a second.';

export const CreateBudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Make a budget',
      description: `It counts what is spent from now on, and is a ceiling: a call that could cost more than is left does not go out. ${SOON}`,
    }),
    ApiBody({
      type: CreateBudgetDto,
      examples: {
        everything: {
          summary: 'All calls together, by the calendar of Berlin',
          value: { name: 'the bill', scope: 'everything', limit_usd: '1000', period: 'month', time_zone: 'Europe/Berlin' },
        },
        rolling: {
          summary: 'All calls together within any 24 hours, with one early alert',
          value: { name: 'any day', scope: 'everything', limit_usd: 100.5, period: 'rolling', window_seconds: 86_400, thresholds: [30] },
        },
      },
    }),
    ApiOkResponse({ type: BudgetDto }),
    ApiErrors(400, 401, 403, 409, 429, 503),
  );

export const ListBudgetsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List budgets', description: 'Newest first, each with how it stands.' }),
    ApiOkResponse({ type: BudgetListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ReadBudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one budget' }),
    ApiParam(ID),
    ApiOkResponse({ type: BudgetDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const ChangeBudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Change a budget',
      description: `What is left out stays as it is. Whom it is for, its period and its time zone cannot be changed, because they say what has been counted: make another budget instead. ${SOON}`,
    }),
    ApiParam(ID),
    ApiBody({
      type: ChangeBudgetDto,
      examples: {
        amount: { summary: 'Another amount', value: { limit_usd: '500' } },
        off: { summary: 'Switch it off', value: { disabled: true } },
      },
    }),
    ApiOkResponse({ type: BudgetDto }),
    ApiErrors(400, 401, 403, 404, 429, 503),
  );

export const ResetBudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Reset a budget',
      description: `What was spent and is held so far does not count any more; its period goes on. The audit log keeps who did it. ${SOON}`,
    }),
    ApiParam(ID),
    ApiOkResponse({ type: BudgetDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );

export const DeleteBudgetDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Delete a budget', description: `The rows of calls that were charged to it stay in the ledger. ${SOON}` }),
    ApiParam(ID),
    ApiOkResponse({ type: DeletedBudgetDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
