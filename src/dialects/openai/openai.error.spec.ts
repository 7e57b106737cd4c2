import { describe, expect, it } from '@jest/globals';
import { type ErrorDetails, type ErrorKind, GatewayError } from '../../core/errors.js';
import { OPENAI_ERRORS, toOpenAiError } from './openai.error.js';

const told = (kind: ErrorKind, details: ErrorDetails = {}) => {
  const { status, body } = toOpenAiError(new GatewayError(kind, 'Said so.', details), 'req_1');
  return { status, ...(JSON.parse(body) as { error: Record<string, unknown> }).error };
};
const KINDS = Object.keys(OPENAI_ERRORS) as ErrorKind[];

describe('an error for a client of OpenAI', () => {
  it.each(KINDS)('of kind %s has all its members, and a status of an error', (kind) => {
    const error = told(kind);

    expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'request_id', 'status', 'type']);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error).toMatchObject({ message: 'Said so.', param: null, request_id: 'req_1' });
  });

  it.each<[ErrorKind, ErrorDetails, number, string | null]>([
    ['upstream_rejected', { status: 409, code: 'conflict_here' }, 409, 'conflict_here'],
    ['upstream_rejected', { status: 422 }, 422, null],
    ['upstream_rejected', { status: 302, code: 'moved' }, 400, 'moved'],
    ['content_policy', { status: 403, code: 'content_filter' }, 403, 'content_policy_violation'],
    ['content_policy', { status: 500 }, 400, 'content_policy_violation'],
    ['upstream_rate_limited', { status: 429, code: 'insufficient_quota' }, 429, 'insufficient_quota'],
    ['upstream_rate_limited', { status: 429, code: 'requests' }, 429, 'upstream_rate_limited'],
    ['upstream_unavailable', { status: 401, code: 'invalid_api_key' }, 503, 'upstream_unavailable'],
    ['context_length_exceeded', { status: 413, code: 'string_above_max_length' }, 400, 'context_length_exceeded'],
  ])('of kind %s with %j has status %i and code %s', (kind, details, status, code) => {
    expect(told(kind, details)).toMatchObject({ status, code });
  });
});
