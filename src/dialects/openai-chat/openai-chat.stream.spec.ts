import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OpenAiChatStream } from './openai-chat.stream.js';

const HEAD = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m"';
const delta = (content: string, rest = '') =>
  `data: {${HEAD},"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]${rest}}\n\n`;
const finish = (rest = '') => `data: {${HEAD},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]${rest}}\n\n`;
const usage = `data: {${HEAD},"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4}}}\n\n`;
const DONE = 'data: [DONE]\n\n';

const HIDDEN = { wantsUsage: false, choices: 1 };
const SHOWN = { wantsUsage: true, choices: 1 };

/** Feeds `text` cut at the given byte positions; gives back what the client gets. */
function relay(stream: OpenAiChatStream, text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const marks = [0, ...[...cuts].map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  const out = marks.slice(1).map((end, i) => stream.read(Buffer.from(bytes.subarray(marks[i], end))));
  return Buffer.concat([...out, stream.end()]).toString();
}

describe('OpenAiChatStream', () => {
  it('relays every frame byte for byte to a client that asked for usage, however the bytes are cut', () => {
    const text = `: OPENROUTER PROCESSING\n\n${delta('Grüße 👋 "usage":null [DONE]', ',"usage":null')}${delta('\\"error\\"', ',"x":{"y":[1]}')}${finish()}${usage}${DONE}`;

    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        const stream = new OpenAiChatStream(SHOWN);
        expect(relay(stream, text, cuts)).toBe(text);
        expect(stream.reading.usage).toMatchObject({ input: 5, cacheRead: 4, output: 3 });
      }),
    );
  });

  it('takes out what we asked the provider for, and nothing else, for a client that did not ask', () => {
    const sent = `${delta('"usage"', ',"usage":null,"obfuscation":"x"')}${delta('a', ', "usage" : null ')}${finish(',"usage":null')}${usage}${DONE}`;
    const wanted = `${delta('"usage"', ',"obfuscation":"x"')}${delta('a', ' ')}${finish()}${DONE}`;

    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        expect(relay(new OpenAiChatStream(HIDDEN), sent, cuts)).toBe(wanted);
      }),
    );
  });

  it('reads usage that rides on the finishing chunk, and hides it there', () => {
    const stream = new OpenAiChatStream(HIDDEN);

    const out = relay(stream, delta('a') + finish(',"usage":{"prompt_tokens":1,"completion_tokens":2}') + DONE);

    expect(out).toBe(delta('a') + finish() + DONE);
    expect(stream.reading.usage).toMatchObject({ input: 1, output: 2 });
  });

  it('leaves a nested member called usage alone', () => {
    const frame = `data: {"x":{"usage":null},${HEAD},"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n`;

    expect(relay(new OpenAiChatStream(HIDDEN), frame + frame + finish() + DONE)).toBe(frame + frame + finish() + DONE);
  });

  it('understands CRLF, several data lines, and data without a space', () => {
    const text = `data:{${HEAD},"choices":[{"index":0,\r\ndata: "delta":{"content":"a"},"finish_reason":null}]}\r\n\r\n${finish().replaceAll('\n', '\r\n')}data: [DONE]\r\n\r\n`;

    expect(relay(new OpenAiChatStream(SHOWN), text, [10, 60, 120])).toBe(text);
  });

  it('gives nothing away before the first event', () => {
    const stream = new OpenAiChatStream(SHOWN);

    expect(stream.read(Buffer.from(': waiting\n\n'))).toHaveLength(0);
    expect(stream.read(Buffer.from(delta('a'))).toString()).toBe(`: waiting\n\n${delta('a')}`);
  });

  it('makes a finished answer look finished where the server never says [DONE]', () => {
    expect(relay(new OpenAiChatStream(SHOWN), delta('a') + finish())).toBe(delta('a') + finish() + DONE);
  });

  it('refuses to end an answer that was cut', () => {
    expect(() => relay(new OpenAiChatStream(SHOWN), delta('a'))).toThrow('before the answer was finished');
    expect(() => relay(new OpenAiChatStream({ ...SHOWN, choices: 2 }), delta('a') + finish())).toThrow('before the answer was finished');
    expect(() => relay(new OpenAiChatStream(SHOWN), '')).toThrow('before it sent an event');
    expect(() => relay(new OpenAiChatStream(SHOWN), DONE)).toThrow('before it sent an event');
  });

  it('fails the attempt on an error that comes first', () => {
    const stream = new OpenAiChatStream(SHOWN);

    expect(() => stream.read(Buffer.from('data: {"error":{"message":"too many","code":429}}\n\n'))).toThrow('too many');
  });

  it('stops at an error in the middle: what follows is not relayed, [DONE] least of all', () => {
    const stream = new OpenAiChatStream(SHOWN);

    const out = stream.read(
      Buffer.from(
        `${delta('a')}data: {"error":{"message":"broke","code":502},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n${DONE}`,
      ),
    );

    expect(out.toString()).toBe(delta('a'));
    expect(stream.failure).toMatchObject({ kind: 'upstream_unavailable', message: 'broke' });
  });

  it('stops at an event that is not JSON', () => {
    const stream = new OpenAiChatStream(SHOWN);

    const out = stream.read(Buffer.from(`${delta('a')}data: {"id":\n\n${DONE}`));

    expect(out.toString()).toBe(delta('a'));
    expect(stream.failure).toMatchObject({ kind: 'upstream_protocol' });
  });

  it('keeps what was generated, text, thinking and tool arguments alike', () => {
    const stream = new OpenAiChatStream(SHOWN);
    const call = `data: {${HEAD},"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\\"a\\":"}}]},"finish_reason":null}]}\n\n`;

    stream.read(Buffer.from(delta('Grüße\n') + call + delta('!').replace('"content"', '"reasoning_content"')));

    expect(stream.reading.generatedText()).toBe('Grüße\nf{"a":!');
  });
});
