import { describe, expect, it } from '@jest/globals';
import { ANTHROPIC_CODEC } from './anthropic-messages.dialect.js';
import { toErrorOfAnswer } from './anthropic-messages.upstream-error.js';

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

  it('keeps the code that it has', () => {
    expect(told(400, wire('invalid_request_error', 'x', { error_code: 'thread_expired' })).details).toMatchObject({
      status: 400,
      code: 'thread_expired',
    });
  });

  it.each([
    [400, wire('invalid_request_error', 'Output blocked by content filtering policy')],
    [400, wire('invalid_request_error', 'Content Exists Risk')],
    [403, wire('permission_error', 'Request blocked: prompt injection patterns detected')],
    [403, JSON.stringify({ type: 'error', error: { type: 'permission_error', message: 'no', metadata: { flagged_input: 'x' } } })],
  ])('of the content, with status %i and body %s, is no trouble of the account', (status, body) => {
    expect(told(status, body)).toMatchObject({ kind: 'content_policy', details: { status, account: undefined } });
  });

  it.each<[number, string, string, string | undefined]>([
    [401, wire('authentication_error', 'no'), 'upstream_unavailable', 'refused'],
    [403, wire('permission_error', 'no'), 'upstream_unavailable', 'refused'],
    [403, wire('permission_error', 'Your account violates our usage policies'), 'upstream_unavailable', 'refused'],
    [402, wire('billing_error', 'pay'), 'upstream_unavailable', 'exhausted'],
    [400, wire('invalid_request_error', 'Your credit balance is too low to access'), 'upstream_unavailable', 'exhausted'],
    [400, wire('invalid_request_error', 'You have reached your specified API usage limits.'), 'upstream_unavailable', 'exhausted'],
    [429, wire('rate_limit_error', 'you (me) have reached your weekly usage limit'), 'upstream_rate_limited', 'exhausted'],
    [429, wire('rate_limit_error', 'slow down'), 'upstream_rate_limited', 'limited'],
    [529, wire('overloaded_error', 'Overloaded'), 'upstream_unavailable', undefined],
    [400, wire('invalid_request_error', 'no such tool'), 'upstream_rejected', undefined],
  ])('with status %i and body %s is %s, the account %s', (status, body, kind, account) => {
    expect(told(status, body)).toMatchObject({ kind, details: { account, status } });
  });

  it('inside an answer says as much of the account and the content', () => {
    const said = (type: string, message: string) => toErrorOfAnswer({ type: 'error', error: { type, message } });

    expect(said('authentication_error', 'no')).toMatchObject({
      kind: 'upstream_unavailable',
      details: { account: 'refused', status: 401 },
    });
    expect(said('rate_limit_error', 'no')).toMatchObject({ kind: 'upstream_rate_limited', details: { account: 'limited' } });
    expect(said('invalid_request_error', 'Output blocked by content filtering policy').kind).toBe('content_policy');
    expect(said('overloaded_error', 'no').details.account).toBeUndefined();
  });

  it('never repeats what was said of our own key, and keeps HTML to itself', () => {
    expect(told(401, wire('authentication_error', 'invalid x-api-key sk-ant-1')).message).not.toContain('sk-ant-1');
    expect(told(429, wire('rate_limit_error', 'you (me) have reached your weekly usage limit')).message).not.toContain('me)');
    expect(told(418, '<html>teapot</html>').message).toBe('The provider refused the request with status 418.');
  });
});
