import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, getSchemaPath } from '@nestjs/swagger';
import { ApiErrors } from '../../platform/index.js';
import { RequestWithBodiesDto } from '../bodies/request-with-bodies.dto.js';
import { RequestListDto } from './requests.dto.js';

const HOW =
  'Newest first. A call is listed once it is over and its row is written. A search that finds too little in too many calls is given ' +
  'up after 4 s: narrow it. As CSV (`format=csv`, or `Accept: text/csv`) everything is sent that was asked for, however much.';

/** A search of the ledger. */
export const SearchDocs = (summary: string, whose: string): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary, description: `${whose} ${HOW}` }),
    ApiExtraModels(RequestListDto),
    ApiOkResponse({
      description: 'A page, or all of it as CSV.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(RequestListDto) } },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ExplainDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Explain a request',
      description:
        'What a call cost and why: its tokens by bucket, the price of each, the sum and how it was rounded; every attempt, how it ended, ' +
        'where its figures come from, the budgets it was charged to, and what was said in it if that is kept (`STORE_BODIES`). What another key did is not found.',
    }),
    ApiParam({
      name: 'request_id',
      description: 'The id of a call, or an `x-request-id`; of several calls with one label the newest is explained.',
      example: '019b76da-a800-7000-8000-000000000001',
    }),
    ApiOkResponse({ type: RequestWithBodiesDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
