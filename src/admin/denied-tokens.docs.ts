import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { AllowedTokenDto, DeniedTokenDto, DeniedTokenListDto, DenyTokensDto } from './denied-tokens.dto.js';

const SOON = 'In effect everywhere within a second, also for tokens that were accepted before.';

export const DenyTokensDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Deny a JWT, or all of one end user',
      description: `${SOON} Calls in flight finish. Denying the same again takes the place of the earlier denial.`,
    }),
    ApiBody({
      type: DenyTokensDto,
      examples: {
        user: { summary: 'Everything that was and will be made for one end user', value: { sub: 'alice', reason: 'left the company' } },
        token: {
          summary: 'One token, until it expires by itself',
          value: { jti: '4f7c2a52-9a0e-4f43-8a51-1b0d2a4f9c77', expires_at: '2099-01-01T00:00:00Z' },
        },
      },
    }),
    ApiOkResponse({ type: DeniedTokenDto }),
    ApiErrors(400, 401, 403, 409, 429, 503),
  );

export const ListDeniedTokensDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List denied JWTs', description: 'Newest first, without those that have expired.' }),
    ApiOkResponse({ type: DeniedTokenListDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const AllowTokensDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Take a denial back', description: `${SOON} Tokens that have not expired are accepted again.` }),
    ApiParam({ name: 'id', description: 'The id of the denial.', example: '9b74c9897bac770ffc029102a200c5de' }),
    ApiOkResponse({ type: AllowedTokenDto }),
    ApiErrors(401, 403, 404, 429, 503),
  );
