import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { CreatePriceOverrideDto, PriceOverrideDto, PriceOverrideListDto } from './price-overrides.dto.js';
import { PriceListDto, UnpricedListDto } from './prices.dto.js';

const SOON = 'In effect everywhere within a second.';

export const ListPricesDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List prices',
      description: 'What each known model costs now at each provider that has it, by the names of both. One without a price has nulls.',
    }),
    ApiOkResponse({ type: PriceListDto }),
    ApiErrors(400, 401, 403, 429),
  );

export const ListUnpricedDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List models without a price',
      description: 'Models that were called lately, used tokens, and had no price: nobody knows what these calls cost.',
    }),
    ApiOkResponse({ type: UnpricedListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ListPriceOverridesDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List price overrides',
      description: 'Newest first: those that hold, those that will, and those that were superseded or taken back.',
    }),
    ApiOkResponse({ type: PriceOverrideListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const CreatePriceOverrideDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Say what a model costs',
      description: `Calls that are admitted from \`from\` on are charged by it; what calls have cost before stays. ${SOON}`,
    }),
    ApiBody({
      type: CreatePriceOverrideDto,
      examples: {
        everywhere: { summary: 'Wherever the model is', value: { model: 'llama-3.3-70b', rates: { input: '0.10', output: '0.40' } } },
        later: {
          summary: 'From a date on, dearer for large inputs; all else as the price list has it',
          value: {
            model: 'gpt-4o-mini',
            from: '2099-01-01T00:00:00Z',
            rates: { input: 0.2 },
            tiers: [{ above_input_tokens: 200_000, rates: { input: 0.4, output: 1.6 } }],
          },
        },
      },
    }),
    ApiOkResponse({ type: PriceOverrideDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const RemovePriceOverrideDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Take a price override back',
      description: `It ends now, and the source of prices that comes next holds again, which may be an older override. It stays in the list. ${SOON}`,
    }),
    ApiParam({ name: 'id', description: 'The id of the override.', example: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e' }),
    ApiOkResponse({ type: PriceOverrideDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
