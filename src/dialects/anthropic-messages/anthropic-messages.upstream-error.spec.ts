import { describe, expect, it } from '@jest/globals';
import { ANTHROPIC_CODEC } from './anthropic-messages.dialect.js';

const wire = (type: string, message: string, details?: unknown) =>
  JSON.stringify({ type: 'error', error: { type, message, ...(details ? { details } : {}) }, request_id: 'req_1' });
const told = (status: number, body: string, headers: Record<string, string> = {}) =>
  ANTHROPIC_CODEC.toUpstreamError(status, headers, Buffer.from(body), 0);

describe('a refusal of Anthropic', () => {
  it.each([
    [400, wire('invalid_request_error', 'max_tokens: 5 > 4'), 'upstream_rejected'],
    [400, wire('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'), 'context_length_exceeded'],
    [
      400,
      wire('invalid_request_error', 'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000'),
      'context_length_exceeded',
    ],
    [400, wire('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 'upstream_unavailable'],
    [401, wire('authentication_error', 'invalid x-api-key sk-ant-1'), 'upstream_unavailable'],
    [402, wire('billing_error', 'pay'), 'upstream_unavailable'],
    [403, wire('permission_error', 'no'), 'upstream_unavailable'],
    [404, wire('not_found_error', 'model: claude-9'), 'unknown_model'],
    [404, wire('not_found_error', 'file not found'), 'upstream_rejected'],
    [413, wire('request_too_large', 'Request exceeds the maximum size'), 'payload_too_large'],
    [429, wire('rate_limit_error', 'slow down'), 'upstream_rate_limited'],
    [500, wire('api_error', 'oops'), 'upstream_unavailable'],
    [504, wire('timeout_error', 'late'), 'upstream_timeout'],
    [529, wire('overloaded_error', 'Overloaded'), 'upstream_unavailable'],
    [502, '<html>Bad gateway</html>', 'upstream_unavailable'],
    [400, '', 'upstream_rejected'],
  ])('with status %i and body %s is %s', (status, body, kind) => {
    expect(told(status, body).kind).toBe(kind);
  });

  it('says when to come back', () => {
    expect(told(429, wire('rate_limit_error', 'x'), { 'retry-after': '7' }).details.retryAfterMs).toBe(7000);
    expect(told(529, wire('overloaded_error', 'x'), { 'retry-after': '2' }).details.retryAfterMs).toBe(2000);
  });

  it('names a breach of the content policy, and its own code where it has one', () => {
    expect(told(400, wire('invalid_request_error', 'Output blocked by content filtering policy')).details.code).toBe(
      'content_policy_violation',
    );
    expect(told(400, wire('invalid_request_error', 'x', { error_code: 'thread_expired' })).details).toMatchObject({
      status: 400,
      code: 'thread_expired',
    });
  });

  it('never repeats what was said of our own key, and keeps HTML to itself', () => {
    expect(told(401, wire('authentication_error', 'invalid x-api-key sk-ant-1')).message).not.toContain('sk-ant-1');
    expect(told(418, '<html>teapot</html>').message).toBe('The provider refused the request with status 418.');
  });
});
