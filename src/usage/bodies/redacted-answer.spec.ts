import { describe, expect, it } from '@jest/globals';
import { redactJson, redactStream } from './redacted-answer.js';

describe('redactStream', () => {
  it('keeps the frames of a stream, and nothing that was said in them', () => {
    const stream = [
      ': keep-alive',
      '',
      'event: content_block_delta',
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"secret"}}',
      '',
      'data: {"choices":[{"index":0,"delta":{"content":"secret"},"finish_reason":"stop"}]}',
      '',
      'data: [DONE]',
      '',
      '',
    ].join('\n');

    expect(redactStream(stream).split('\n')).toEqual([
      ': [redacted: 10]',
      '',
      'event: content_block_delta',
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"[redacted: 6]"}}',
      '',
      'data: {"choices":[{"index":0,"delta":{"content":"[redacted: 6]"},"finish_reason":"stop"}]}',
      '',
      'data: [DONE]',
      '',
      '',
    ]);
  });

  it.each([
    ['a frame that was cut', 'data: {"choices":[{"delta":{"content":"secr', 'data: [redacted: 37]'],
    ['a field that is none of ours', 'id: secret', '[redacted: 10]'],
    ['a line without a field', 'secret', '[redacted: 6]'],
    ['an event that is a sentence', 'event: my secret', 'event: [redacted: 9]'],
  ])('shows only the length of %s', (_, line, redacted) => {
    expect(redactStream(line)).toBe(redacted);
  });

  it('knows every end of a line', () => {
    expect(redactStream('data: [DONE]\r\n\r\ndata: [DONE]\r\r')).toBe('data: [DONE]\n\ndata: [DONE]\n\n');
  });
});

describe('redactJson', () => {
  it('redacts an answer, and throws for what is no JSON', () => {
    expect(redactJson('{"role":"assistant","content":"secret"}')).toBe('{"role":"assistant","content":"[redacted: 6]"}');
    expect(() => redactJson('{"role":')).toThrow(SyntaxError);
  });
});
