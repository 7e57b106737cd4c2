import { describe, expect, it } from '@jest/globals';
import { toErrorOfAnswer, toUpstreamError } from './openai.upstream-error.js';

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
