import { describe, expect, it } from '@jest/globals';
import { toErrorOfAnswer, toUpstreamError } from './openai.upstream-error.js';

type Wire = Readonly<Record<string, unknown>>;

const told = (status: number, error: Wire, headers: Record<string, string> = {}) =>
  toUpstreamError(status, headers, Buffer.from(JSON.stringify({ error })), 0);

describe('a refusal in the words of OpenAI', () => {
  it.each<[number, Wire, string, string | undefined]>([
    [401, { code: 'invalid_api_key' }, 'upstream_unavailable', 'refused'],
    [402, { message: 'Insufficient Balance' }, 'upstream_unavailable', 'exhausted'],
    [403, { code: 'model_not_found' }, 'upstream_unavailable', 'refused'],
    [403, { message: 'Access terminated for violation of our usage policies' }, 'upstream_unavailable', 'refused'],
    [403, { message: 'Key limit exceeded (total limit).' }, 'upstream_unavailable', 'exhausted'],
    [429, { code: 'insufficient_quota' }, 'upstream_rate_limited', 'exhausted'],
    [429, { type: 'billing_not_active', code: null }, 'upstream_rate_limited', 'exhausted'],
    [400, { code: 'billing_hard_limit_reached' }, 'upstream_unavailable', 'exhausted'],
    [429, { message: 'you (me) have reached your weekly usage limit' }, 'upstream_rate_limited', 'exhausted'],
    [429, { code: 'rate_limit_exceeded' }, 'upstream_rate_limited', 'limited'],
    [429, { message: 'You exceeded your current quota' }, 'upstream_rate_limited', 'limited'],
    [408, {}, 'upstream_timeout', undefined],
    [409, { code: 'conflict_here' }, 'upstream_rejected', undefined],
    [422, { message: 'no' }, 'upstream_rejected', undefined],
    [500, {}, 'upstream_unavailable', undefined],
    [504, {}, 'upstream_timeout', undefined],
    [529, {}, 'upstream_unavailable', undefined],
  ])('with status %i and error %j is %s, the account %s', (status, error, kind, account) => {
    expect(told(status, error)).toMatchObject({ kind, details: { status, account } });
  });

  it.each<[string, number, Wire]>([
    ['OpenAI', 400, { code: 'content_policy_violation' }],
    ['OpenAI, of an image', 400, { type: 'image_generation_user_error', code: 'moderation_blocked' }],
    ['OpenAI, of a prompt', 400, { code: 'invalid_prompt', message: 'Invalid prompt: your prompt was flagged as potentially violating …' }],
    ['OpenAI, in words', 400, { code: null, message: 'Your request was rejected as a result of our safety system.' }],
    ['Azure', 400, { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }],
    ['DeepSeek', 400, { code: 'invalid_request_error', message: 'Content Exists Risk' }],
    ['DeepSeek, of old', 400, { detail: 'Content Exists Risk' }],
    ['Alibaba', 400, { code: 'data_inspection_failed', type: 'data_inspection_failed' }],
    ['OpenRouter’s moderation', 403, { code: 403, metadata: { reasons: ['violence'], flagged_input: 'x', provider_name: 'y' } }],
    ['OpenRouter’s guardrails', 403, { code: 403, metadata: { patterns: ['x'] } }],
    ['a provider of OpenRouter', 403, { code: 403, metadata: { error_type: 'refusal' } }],
    ['OpenRouter, in words', 403, { code: 403, message: 'm requires moderation on P. Your input was flagged for "violence".' }],
  ])('of the content by %s is no trouble of the account', (_, status, error) => {
    expect(told(status, error)).toMatchObject({ kind: 'content_policy', details: { status, account: undefined } });
  });

  it('that only looks like one of the content is none', () => {
    expect(told(400, { code: 'invalid_prompt', message: 'Invalid prompt: empty' }).kind).toBe('upstream_rejected');
    expect(told(403, { code: 403, metadata: { provider_name: 'x' } }).details.account).toBe('refused');
  });

  it('of a used-up quota has the code that clients know, says when to come back, and nothing of the account', () => {
    const error = told(429, { type: 'insufficient_quota', code: null, message: 'billing of org-1' }, { 'retry-after': '7' });

    expect(error.details).toMatchObject({ status: 429, code: 'insufficient_quota', retryAfterMs: 7_000 });
    expect(error.message).not.toContain('org-1');
  });

  it('of our own key repeats none of its words', () => {
    const error = told(401, { message: 'Incorrect API key provided: sk-1', code: 'invalid_api_key', param: 'sk-1' });

    expect(JSON.stringify([error.message, error.details])).not.toContain('sk-1');
  });

  it('says when to come back, whatever the status', () => {
    for (const status of [408, 429, 500, 503, 529]) {
      expect(told(status, {}, { 'retry-after': '2' }).details.retryAfterMs).toBe(2_000);
    }
  });

  it.each<[Wire, string, string | undefined]>([
    [{ code: 401 }, 'upstream_unavailable', 'refused'],
    [{ code: 402 }, 'upstream_unavailable', 'exhausted'],
    [{ code: 429 }, 'upstream_rate_limited', 'limited'],
    [{ type: 'insufficient_quota' }, 'upstream_rate_limited', 'exhausted'],
    [{ code: 'rate_limit_exceeded' }, 'upstream_rate_limited', 'limited'],
    [{ code: 403, metadata: { flagged_input: 'x' } }, 'content_policy', undefined],
    [{ code: 'content_filter' }, 'content_policy', undefined],
    [{ code: 'server_error', message: 'Content Exists Risk' }, 'content_policy', undefined],
    [{ code: 'image_content_policy_violation' }, 'content_policy', undefined],
    [{ code: 'server_error' }, 'upstream_unavailable', undefined],
  ])('inside an answer, %j, is %s, the account %s', (error, kind, account) => {
    expect(toErrorOfAnswer(error)).toMatchObject({ kind, details: { account } });
  });
});

describe('the code of a refusal', () => {
  const refusal = (error: object): unknown => toUpstreamError(400, {}, Buffer.from(JSON.stringify({ error })), 0).details.code;

  it.each([
    ['a word', 'invalid_value', 'invalid_value'],
    ['a number of the provider’s own', 1113, '1113'],
    ['the status once more, as OpenRouter has it', 400, undefined],
    ['the status once more, as text', '400', undefined],
    ['null', null, undefined],
  ])('is %s', (_, code, expected) => {
    expect(refusal({ message: 'no', code })).toBe(expected);
    expect(toErrorOfAnswer({ message: 'no', code }).details.code).toBe(expected);
  });

  it('still says which status an error inside an answer has', () => {
    expect(toErrorOfAnswer({ message: 'slow down', code: 429 }).kind).toBe('upstream_rate_limited');
  });
});
