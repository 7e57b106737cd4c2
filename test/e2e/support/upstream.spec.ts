import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { rawRequest, RawClient } from '../../support/raw-client.js';
import { Pace, refusedBaseUrl, ScriptedUpstream } from '../../support/upstream.js';
import { answers, cuts, hangs, pours, refuses, resets, streams } from '../../support/upstream/behaviours.js';
import { completion, ODD_COMPLETION } from '../../support/upstream/openai-answers.js';
import { DONE, frame, streamFrames, toolCallFrames, TRICKY_TEXT } from '../../support/upstream/openai-frames.js';
import { byteByByte } from '../../support/upstream/segments.js';
import { expectInTime } from '../../support/in-time.js';

const MESSAGES = [{ role: 'user' as const, content: 'hi' }];

describe('the scripted upstream', () => {
  let upstream: ScriptedUpstream;
  let openai: OpenAI;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    openai = new OpenAI({ baseURL: upstream.baseUrl, apiKey: 'sk-journal', maxRetries: 0 });
  });
  beforeEach(() => upstream.forget());
  afterAll(() => upstream.stop());

  it('answers by its script, then by its standing behaviour, and journals what it was sent', async () => {
    upstream.next(answers(completion({ content: 'first' })));
    upstream.always(answers(completion({ content: 'standing' })));

    const texts = [];
    for (const _ of [1, 2, 3]) {
      const answer = await openai.chat.completions.create({ model: 'm', messages: MESSAGES });
      texts.push(answer.choices[0]?.message.content);
    }

    expect(texts).toEqual(['first', 'standing', 'standing']);
    const attempt = await upstream.attempt(0);
    expect(attempt.apiKey).toBe('sk-journal');
    expect(attempt.json).toEqual({ model: 'm', messages: MESSAGES });
    expect(await attempt.closed).toMatchObject({ wholeAnswer: true });
    expect(attempt.bytesWritten).toBe(JSON.stringify(completion({ content: 'first' })).length);
  });

  it('refuses what has no script', async () => {
    await expect(openai.chat.completions.create({ model: 'm', messages: MESSAGES })).rejects.toThrow('no script');
  });

  it('returns odd bytes as they are', async () => {
    upstream.next(answers(ODD_COMPLETION));

    const answer = await rawRequest(upstream.baseUrl, { method: 'POST', path: '/v1/chat/completions', body: '{}' });

    expect(answer.body.equals(ODD_COMPLETION)).toBe(true);
    expect(answer.whole).toBe(true);
  });

  it.each(['\n', '\r\n'] as const)('streams byte by byte what the SDK reads whole, with line ends %j', async (eol) => {
    upstream.next(streams(byteByByte(Buffer.from(streamFrames({ text: TRICKY_TEXT, eol }).join('')))));

    const stream = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true });

    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TRICKY_TEXT.join(''));
  });

  it('sends one segment for each step of its pace', async () => {
    const pace = new Pace();
    upstream.next(streams([frame('1'), frame('2'), DONE], { pace }));

    const client = await RawClient.send(upstream.baseUrl, { path: '/v1/x' });
    await client.head;
    const attempt = await upstream.attempt(0);
    expect(attempt.bytesWritten).toBe(0);
    pace.step();
    await client.until((body) => body.includes('data: 1'));
    expect(client.body.toString()).toBe(frame('1'));
    pace.run();

    expect((await client.answer).body.toString()).toBe(frame('1') + frame('2') + DONE);
  });

  it('sees a peer hang up, and knows its open sockets', async () => {
    upstream.next(hangs);
    const client = await RawClient.send(upstream.baseUrl, { path: '/v1/x' });
    const attempt = await upstream.attempt(0);
    const before = upstream.openSockets;

    const leftMs = client.hangUp();

    const closure = await attempt.closed;
    expect(closure.wholeAnswer).toBe(false);
    expectInTime(closure.atMs - leftMs, 100);
    expect(upstream.openSockets).toBe(before - 1);
  });

  it.each([
    ['cut', cuts],
    ['reset', resets],
  ])('leaves a stream unfinished when it is %s', async (_, breaks) => {
    upstream.next(streams([frame('1'), 'data: half'], { finally: breaks }));

    const answer = await rawRequest(upstream.baseUrl, { path: '/v1/x' });

    expect(answer.whole).toBe(false);
    expect((await (await upstream.attempt(0)).closed).wholeAnswer).toBe(false);
  });

  it('stops writing when its peer stops reading', async () => {
    const block = Buffer.alloc(64 * 1024, 'x');
    upstream.next(pours(block, 1_000, DONE));
    const client = await RawClient.send(upstream.baseUrl, { path: '/v1/x' });
    await client.head;
    client.pause();
    const attempt = await upstream.attempt(0);
    await stalled(() => attempt.bytesTaken);

    expect(attempt.bytesTaken).toBeLessThan(32 * 1024 * 1024);
    client.resume();
    expect((await client.answer).body.length).toBe(1_000 * block.length + DONE.length);
  });

  it('words its refusals as OpenAI does', async () => {
    upstream.next(refuses(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '7' }));

    const call = openai.chat.completions.create({ model: 'm', messages: MESSAGES });

    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(call).rejects.toMatchObject({ code: 'rate_limit_exceeded', param: null });
  });

  it('builds tool calls that the strict helper of the SDK accepts', async () => {
    upstream.next(streams(toolCallFrames()));

    const message = await openai.chat.completions.stream({ model: 'm', messages: MESSAGES }).finalMessage();

    expect(message.tool_calls).toMatchObject([
      { id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } },
      { id: 'call_2', function: { name: 'get_time', arguments: '{"zone":"CET"}' } },
    ]);
  });

  it('knows an address that refuses connections', async () => {
    const nowhere = new OpenAI({ baseURL: await refusedBaseUrl(), apiKey: 'k', maxRetries: 0 });

    await expect(nowhere.models.list()).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  });
});

/** Resolves when `read` has not changed for a quarter of a second. */
async function stalled(read: () => number): Promise<void> {
  for (let last = -1; last !== read();) {
    last = read();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
