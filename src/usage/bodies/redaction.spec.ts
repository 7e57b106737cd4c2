import { describe, expect, it } from '@jest/globals';
import { redact } from './redaction.js';

/** Stands wherever something can be said. */
const SAID = 'SecretWord';

describe('redact', () => {
  it('keeps structure, roles, model, parameters and lengths of a conversation', () => {
    const request = {
      model: 'gpt-4o-mini',
      temperature: 0.2,
      stream: true,
      stream_options: { include_usage: true },
      user: SAID,
      stop: [SAID],
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: SAID },
            { type: 'image_url', image_url: { url: SAID, detail: 'low' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: SAID, type: 'function', function: { name: SAID, arguments: SAID } }] },
      ],
      tools: [{ type: 'function', function: { name: SAID, parameters: { type: 'object', properties: { [SAID]: { type: SAID } } } } }],
    };

    expect(redact(request)).toEqual({
      model: 'gpt-4o-mini',
      temperature: 0.2,
      stream: true,
      stream_options: { include_usage: true },
      user: '[redacted: 10]',
      stop: ['[redacted: 10]'],
      messages: [
        { role: 'system', content: '[redacted: 9]' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '[redacted: 10]' },
            { type: 'image_url', image_url: { url: '[redacted: 10]', detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: '[redacted: 10]', type: 'function', function: { name: '[redacted: 10]', arguments: '[redacted: 10]' } }],
        },
      ],
      tools: [{ type: 'function', function: { name: '[redacted: 10]', parameters: expect.stringMatching(/^\[redacted: \d+ of JSON\]$/) } }],
    });
  });

  it.each([
    ['arguments of a tool', { content: [{ type: 'tool_use', name: SAID, input: { city: SAID, code: 4711 } }] }],
    ['a result of a tool', { messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: SAID }] }] }] }],
    ['audio', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: SAID, format: 'wav' } }] }] }],
    ['a document', { messages: [{ content: [{ type: 'document', source: { type: 'base64', media_type: 'text/plain', data: SAID } }] }] }],
    ['texts to embed', { model: 'm', input: [SAID, 'x'] }],
    ['a text to embed', { model: 'm', input: SAID }],
    [
      'items of Responses',
      {
        input: [
          { type: 'message', role: 'user', content: SAID },
          { type: 'reasoning', encrypted_content: SAID },
        ],
      },
    ],
    ['what nobody knows', { foo: SAID, bar: { baz: { role: SAID } }, messages: [{ role: 'user', quux: [[SAID]] }] }],
    ['names of members', { metadata: { [SAID]: 1 }, logit_bias: { [SAID]: 2 }, messages: [{ [`${SAID} and more`]: 3 }] }],
    ['code of a tool', { output: [{ type: 'code_interpreter_call', code: SAID }] }],
    ['a short summary', { output: [{ type: 'reasoning', summary: SAID }] }],
    ['an error', { error: { type: 'invalid_request_error', message: `your text: ${SAID}`, param: `the ${SAID}` } }],
    ['log probabilities', { choices: [{ logprobs: { content: [{ token: SAID, bytes: [83, 101] }] } }] }],
    ['a role that is none', { messages: [{ role: `${SAID} is my password`, type: `${SAID}!` }] }],
  ])('says nothing of %s', (_, body) => {
    const text = JSON.stringify(redact(body));

    expect(text).not.toContain(SAID);
    expect(text).not.toContain('4711');
    expect(text).not.toContain('101');
  });

  it('takes numbers in lists for tokens or vectors', () => {
    expect(redact({ input: [15496, 995], data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2, 0.3] }] })).toEqual({
      input: '[redacted: list of 2]',
      data: [{ object: 'embedding', index: 0, embedding: '[redacted: list of 3]' }],
    });
    expect(redact({ input: [[1], [2, 3]] })).toEqual({ input: ['[redacted: list of 1]', '[redacted: list of 2]'] });
  });

  it('keeps the figures of usage, and what an error is called', () => {
    const answer = {
      usage: { prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } },
      error: { code: 'rate_limit_exceeded', message: 'x' },
    };

    expect(redact(answer)).toEqual({ ...answer, error: { code: 'rate_limit_exceeded', message: '[redacted: 1]' } });
  });

  it('counts members whose names look like texts', () => {
    expect(redact({ 'my name is': 1, 'and I live in': 2, n: 1 })).toEqual({ n: 1, '[redacted names]': 2 });
  });

  it.each([
    [SAID, '[redacted: 10]'],
    [7, 7],
    [null, null],
    [[SAID], ['[redacted: 10]']],
  ])('takes %j as a body, too', (body, redacted) => {
    expect(redact(body)).toEqual(redacted);
  });
});
