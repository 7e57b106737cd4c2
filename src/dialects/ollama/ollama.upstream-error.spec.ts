import { describe, expect, it } from '@jest/globals';
import { OLLAMA_CODEC } from './ollama.codec.js';

const NOW = 1_790_000_000_000;
const errorOf = (status: number, body: unknown, headers = {}) =>
  OLLAMA_CODEC.toUpstreamError(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), NOW);

describe('a refusal of Ollama', () => {
  it.each([
    [404, 'model "llama9" not found, try pulling it first', 'unknown_model'],
    [404, "model 'llama9' not found", 'unknown_model'],
    [400, 'model "x" not found, try pulling it first', 'unknown_model'],
    [400, 'the input length exceeds the context length', 'context_length_exceeded'],
    [400, 'the prompt is longer than the context length currently available to the model', 'context_length_exceeded'],
    [400, 'input exceeds maximum context length and cannot be truncated further', 'context_length_exceeded'],
    [500, 'request (302 tokens) exceeds the available context size (256 tokens), try increasing it', 'context_length_exceeded'],
    [400, '"llava" does not support tools', 'upstream_rejected'],
    [413, 'too big', 'payload_too_large'],
    [429, 'slow down', 'upstream_rate_limited'],
  ])('with %i "%s" is %3$s and keeps its words', (status, error, kind) => {
    expect(errorOf(status, { error })).toMatchObject({ kind, message: error, details: { status } });
  });

  it.each([
    [500, 'upstream_unavailable'],
    [502, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
    [504, 'upstream_timeout'],
    [408, 'upstream_timeout'],
  ])('with %i is %s in our words', (status, kind) => {
    const error = errorOf(status, { error: '/root/.ollama/models: disk full' });

    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(new RegExp(`status ${status}. Try again later`));
  });

  it('of our own credentials is not told as the caller’s', () => {
    for (const status of [401, 402, 403]) {
      expect(errorOf(status, { error: 'unauthorized', signin_url: 'https://a.example' })).toMatchObject({ kind: 'upstream_unavailable' });
      expect(errorOf(status, { error: 'unauthorized' }).message).toContain('operator');
    }
  });

  it.each<[number, string, string, string | undefined]>([
    [401, 'unauthorized', 'upstream_unavailable', 'refused'],
    [402, 'this model needs a subscription', 'upstream_unavailable', 'exhausted'],
    [403, 'model "x" not found', 'upstream_unavailable', 'refused'],
    [429, 'you (me) have reached your weekly usage limit, upgrade for higher limits', 'upstream_rate_limited', 'exhausted'],
    [429, 'too many concurrent requests', 'upstream_rate_limited', 'limited'],
    [404, 'model "x" not found', 'unknown_model', undefined],
    [503, 'server busy', 'upstream_unavailable', undefined],
  ])('with %i "%s" is %s, the account %s', (status, error, kind, account) => {
    expect(errorOf(status, { error })).toMatchObject({ kind, details: { account, status } });
  });

  it('of a used-up quota has the code that clients know, and not the name of the account', () => {
    const error = errorOf(429, { error: 'you (me) have reached your session usage limit' });

    expect(error.details.code).toBe('insufficient_quota');
    expect(error.message).not.toContain('me)');
  });

  it('may be no JSON, of another shape, or endless', () => {
    expect(errorOf(404, '404 page not found').message).toBe('The provider refused the request with status 404.');
    expect(errorOf(400, '<html>').kind).toBe('upstream_rejected');
    expect(errorOf(400, 'null').kind).toBe('upstream_rejected');
    expect(errorOf(400, { error: { message: 'said elsewhere' } }).message).toBe('said elsewhere');
    expect(errorOf(400, { error: 'x'.repeat(5_000) }).message).toHaveLength(2_000);
  });

  it('says when to come back', () => {
    expect(errorOf(429, {}, { 'retry-after': '3' }).details.retryAfterMs).toBe(3_000);
  });
});
