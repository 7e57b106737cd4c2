import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { Stream } from 'openai/core/streaming';
import { Pace } from '../../support/upstream.js';
import { streams } from '../../support/upstream/behaviours.js';
import { USAGE } from '../../support/upstream/openai-answers.js';
import { streamFrames, TRICKY_TEXT, type UsagePlace } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

type Chunk = OpenAI.ChatCompletionChunk;

async function all(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly Chunk[]): string => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

describe('a streamed chat completion', () => {
  const stage = Stage.set();

  it('brings every character, even those that look like wire syntax', async () => {
    stage.upstream.next(streams(streamFrames({ text: TRICKY_TEXT })));

    const chunks = await all(await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES, stream: true }));

    expect(textOf(chunks)).toBe(TRICKY_TEXT.join(''));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it('brings each chunk when it comes, and not later', async () => {
    const pace = new Pace();
    const frames = streamFrames({ text: ['one', 'two'] });
    stage.upstream.next(streams(frames, { pace }));
    pace.step();
    const stream = await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES, stream: true });
    const chunks = stream[Symbol.asyncIterator]();
    await chunks.next();

    const attempt = await stage.upstream.attempt(0);
    for (const text of ['one', 'two']) {
      const before = attempt.bytesWritten;
      pace.step();
      expect((await chunks.next()).value).toMatchObject({ choices: [{ delta: { content: text } }] });
      expect(attempt.bytesWritten - before).toBe(frames.find((frame) => frame.includes(`"${text}"`))?.length);
    }
    pace.run();
  });

  it.each<UsagePlace>(['openai', 'apart'])('shows no usage to a client that did not ask for it (%s)', async (usage) => {
    stage.upstream.next(streams(streamFrames({ usage })));

    const chunks = await all(await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES, stream: true }));

    expect(chunks.filter((chunk) => 'usage' in chunk || chunk.choices.length === 0)).toEqual([]);
    expect(textOf(chunks)).toBe('Hello.');
  });

  it('brings the usage chunk last to a client that asked', async () => {
    stage.upstream.next(streams(streamFrames()));

    const stream = await stage.openai.chat.completions.create({
      model: MODEL,
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });

    const chunks = await all(stream);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: USAGE });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it.each([
    ['nothing', {}, { include_usage: true }],
    ['that it wants none', { stream_options: { include_usage: false } }, { include_usage: true }],
    ['another option', { stream_options: { include_obfuscation: false } }, { include_obfuscation: false, include_usage: true }],
    ['no options at all', { stream_options: null }, { include_usage: true }],
  ])('asks the provider for usage when the client says %s', async (_, options, expected) => {
    stage.upstream.next(streams(streamFrames()));

    await all(await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES, stream: true, ...options }));

    expect((await stage.upstream.attempt(0)).json).toEqual({ model: MODEL, messages: MESSAGES, stream: true, stream_options: expected });
  });

  it('leaves the request alone where the client asks for usage itself', async () => {
    stage.upstream.next(streams(streamFrames()));
    const body = `{"stream_options":{ "include_usage":true},"stream" :true,"messages":[{"role":"user","content":"\\u0068i"}],"model":"${MODEL}"}`;

    await stage.call(body);

    expect((await stage.upstream.attempt(0)).body.toString()).toBe(body);
  });

  it.each([
    ['says nothing', {}],
    ['says false', { stream: false }],
    ['says true', { stream: true }],
  ])('always streams from /v1/chat/stream, also when `stream` %s', async (_, extra) => {
    stage.upstream.next(streams(streamFrames()));
    const body = { model: MODEL, messages: MESSAGES, ...extra };

    const stream = await stage.openai.post<Stream<Chunk>>('/chat/stream', { body, stream: true });

    expect(textOf(await all(stream))).toBe('Hello.');
    expect((await stage.upstream.attempt(0)).json).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('streams several choices side by side', async () => {
    const frames = streamFrames({ text: ['a'], usage: 'none' });
    const twins = frames.flatMap((frame) => (frame.includes('[DONE]') ? [frame] : [frame, frame.replace('"index":0', '"index":1')]));
    stage.upstream.next(streams(twins));

    const stream = await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES, stream: true, n: 2 });

    const finished = (await all(stream)).flatMap((chunk) => chunk.choices).filter((choice) => choice.finish_reason === 'stop');
    expect(finished.map((choice) => choice.index)).toEqual([0, 1]);
  });
});
