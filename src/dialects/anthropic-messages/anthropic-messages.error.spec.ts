import { describe, expect, it } from '@jest/globals';
import { type ErrorKind, GatewayError, type ErrorDetails } from '../../core/errors.js';
import { ANTHROPIC_MESSAGES } from './anthropic-messages.dialect.js';

const told = (kind: ErrorKind, details: ErrorDetails = {}) => {
  const { status, body } = ANTHROPIC_MESSAGES.toError(new GatewayError(kind, 'Said so.', details), 'req_1');
  return { status, ...(JSON.parse(body) as { type: string; error: Record<string, unknown>; request_id: string }) };
};

describe('an error for a client of Anthropic', () => {
  it.each<[ErrorKind, number, string]>([
    ['invalid_request', 400, 'invalid_request_error'],
    ['context_length_exceeded', 400, 'invalid_request_error'],
    ['content_policy', 400, 'invalid_request_error'],
    ['unauthenticated', 401, 'authentication_error'],
    ['forbidden', 403, 'permission_error'],
    ['unknown_model', 404, 'not_found_error'],
    ['conflict', 409, 'conflict_error'],
    ['payload_too_large', 413, 'request_too_large'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['budget_exhausted', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['upstream_protocol', 502, 'api_error'],
    ['upstream_unavailable', 503, 'overloaded_error'],
    ['upstream_timeout', 504, 'timeout_error'],
    ['upstream_rate_limited', 429, 'rate_limit_error'],
  ])('of kind %s has status %i and type %s', (kind, status, type) => {
    expect(told(kind)).toMatchObject({ status, type: 'error', error: { type, message: 'Said so.' }, request_id: 'req_1' });
  });

  it('names the field and a code where its clients look for them', () => {
    expect(told('invalid_request', { param: 'max_tokens' }).error['details']).toEqual({ param: 'max_tokens' });
    expect(told('budget_exhausted').error['details']).toEqual({ error_code: 'insufficient_quota' });
    expect(told('unauthenticated').error).not.toHaveProperty('details');
  });

  it('keeps the status and the code of a refusal of the provider', () => {
    expect(told('upstream_rejected', { status: 404, code: 'gone' })).toMatchObject({
      status: 404,
      error: { type: 'not_found_error', details: { error_code: 'gone' } },
    });
    expect(told('upstream_rejected', { status: 200 })).toMatchObject({ status: 400, error: { type: 'invalid_request_error' } });
  });

  it('keeps the status of a refusal of the content, under our code', () => {
    expect(told('content_policy', { status: 403, code: 'flagged' })).toMatchObject({
      status: 403,
      error: { type: 'invalid_request_error', details: { error_code: 'content_policy_violation' } },
    });
    expect(told('content_policy', { status: 502 }).status).toBe(400);
  });

  it('keeps the code of a used-up quota, and of no other limit', () => {
    expect(told('upstream_rate_limited', { code: 'insufficient_quota' }).error['details']).toEqual({ error_code: 'insufficient_quota' });
    expect(told('upstream_rate_limited', { code: 'requests' }).error['details']).toEqual({ error_code: 'upstream_rate_limited' });
  });

  it('tells a tool runner to go on without a thread', () => {
    expect(told('unsupported_parameter', { param: 'thread' }).error['details']).toEqual({
      error_code: 'thread_unsupported_request',
      unsupported: ['thread'],
    });
  });

  it('is an event of its own in a stream', () => {
    const frame = ANTHROPIC_MESSAGES.toErrorFrame(new GatewayError('upstream_unavailable', 'Gone.'), 'req_1');

    expect(frame).toMatch(/^event: error\ndata: \{.*\}\n\n$/);
    expect(JSON.parse(frame.slice(frame.indexOf('{')))).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  });
});
