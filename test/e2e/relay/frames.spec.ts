import { describe, expect, it } from '@jest/globals';
import { streams } from '../../support/upstream/behaviours.js';
import { chunk, DONE, frame, streamFrames, toolCallFrames, TRICKY_TEXT, type StreamShape } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const COMMENT = ': OPENROUTER PROCESSING\n\n';
/** JSON spread over two lines of one event, `data:` without a space, a named event and an id. */
const MULTI_LINE = `event: message\nid: 7\ndata:${chunk([{ index: 0, delta: { content: 'x' } }]).replace(',"choices"', ',\ndata: "choices"')}\n\n`;

const SHAPES: readonly [string, StreamShape][] = [
  ['as OpenAI does', { usage: 'openai' }],
  ['in a chunk of its own', { usage: 'apart' }],
  ['never', { usage: 'none' }],
  ['with CRLF line ends', { usage: 'openai', eol: '\r\n' }],
];

describe('the frames of a stream', () => {
  const stage = Stage.set();

  async function relayed(segments: readonly string[], asked: boolean): Promise<string> {
    stage.upstream.next(streams(segments));
    const options = asked ? { stream_options: { include_usage: true } } : {};
    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true, ...options });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(answer.whole).toBe(true);
    return answer.body.toString();
  }

  it.each(SHAPES)('pass untouched when the client asked for usage and the provider reports it %s', async (_, shape) => {
    const frames = streamFrames({ text: TRICKY_TEXT, ...shape });

    expect(await relayed(frames, true)).toBe(frames.join(''));
  });

  it.each(SHAPES)('pass without what was asked on our behalf when the provider reports usage %s', async (_, shape) => {
    const frames = streamFrames({ text: TRICKY_TEXT, ...shape });
    const unasked = streamFrames({ text: TRICKY_TEXT, ...shape, usage: 'none' });

    expect(await relayed(frames, false)).toBe(unasked.join(''));
  });

  it('of tool calls pass the same way', async () => {
    expect(await relayed(toolCallFrames(), true)).toBe(toolCallFrames().join(''));
    expect(await relayed(toolCallFrames(), false)).toBe(toolCallFrames({ usage: 'none' }).join(''));
  });

  it.each(['on-finish', 'on-every'] as const)(
    'that carry usage beside choices (%s) pass without it unless the client asked',
    async (usage) => {
      const frames = streamFrames({ usage });

      expect(await relayed(frames, true)).toBe(frames.join(''));
      expect(await relayed(frames, false)).toBe(streamFrames({ usage: 'none' }).join(''));
    },
  );

  it('lose a null usage wherever it stands, and only the one of the chunk itself', async () => {
    const rest = '"choices":[{"index":0,"delta":{"content":"\\"usage\\":null","usage":null},"finish_reason":null}]';
    const last = streamFrames({ usage: 'none' }).slice(-2);

    const first = await relayed([frame(`{"usage":null,${rest}}`), ...last], false);
    const middle = await relayed([frame(`{"id":"a","usage":null,${rest}}`), ...last], false);
    const spaced = await relayed([frame(`{ "id" : "a" , "usage" : null , ${rest} }`), ...last], false);

    expect(first).toBe([frame(`{${rest}}`), ...last].join(''));
    expect(middle).toBe([frame(`{"id":"a",${rest}}`), ...last].join(''));
    expect(JSON.parse(spaced.slice('data: '.length, spaced.indexOf('\n')))).toEqual(JSON.parse(`{"id":"a",${rest}}`));
  });

  it('keep the comments of the provider, its event names, ids and lines', async () => {
    const frames = [COMMENT, COMMENT, MULTI_LINE, ...streamFrames({ usage: 'none' })];

    expect(await relayed(frames, true)).toBe(frames.join(''));
    expect(await relayed(frames, false)).toBe(frames.join(''));
  });

  it('include an opening chunk without choices, as Azure sends it', async () => {
    const opening = frame(chunk([], { prompt_filter_results: [{ prompt_index: 0 }] }));
    const frames = [opening, ...streamFrames({ usage: 'none' })];

    expect(await relayed(frames, false)).toBe(frames.join(''));
  });

  it('end with [DONE] also where the provider leaves it out after every answer has finished', async () => {
    const frames = streamFrames({ usage: 'none', done: false });

    expect(await relayed(frames, false)).toBe(frames.join('') + DONE);
  });

  it('end whole where the provider forgets the last blank line', async () => {
    const frames = streamFrames({ usage: 'none' });

    const body = await relayed([frames.join('').trimEnd()], false);

    expect(body.trimEnd()).toBe(frames.join('').trimEnd());
    expect(body.endsWith('\n\n')).toBe(true);
  });

  it('carry the headers of an event stream that no proxy may hold back', async () => {
    stage.upstream.next(streams(streamFrames()));

    const { headers } = await stage.call({ model: MODEL, messages: MESSAGES, stream: true });

    expect(headers).toMatchObject({ 'cache-control': expect.stringContaining('no-cache'), 'x-accel-buffering': 'no' });
    expect(headers).toMatchObject({ 'x-tollgate-provider': 'scripted', 'x-tollgate-model': MODEL, 'x-tollgate-attempts': '1' });
    expect(headers).not.toHaveProperty('content-length');
    expect(headers).not.toHaveProperty('x-tollgate-cost-usd');
  });
});
