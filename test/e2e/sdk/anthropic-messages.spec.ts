import { describe, expect, it } from '@jest/globals';
import type Anthropic from '@anthropic-ai/sdk';
import { KINDS, modelOf, SCRIPTED_KINDS, type Kind } from '../../support/gateway/kinds.js';
import { CLOCK, PARIS, PLAYED_TEXT, plays, ZURICH } from '../../support/upstream/dialects.js';
import { MESSAGES, Stage } from '../stage.js';
import { anthropicClient, CLOCK_TOOL, WEATHER } from './anthropic-client.js';

type Params = Anthropic.MessageCreateParamsNonStreaming;

/** Input tokens, those read from a cache and those written to one, as far as each kind of provider tells them apart. */
const INPUT: Readonly<Record<Exclude<Kind, 'echo'>, readonly [fresh: number, read: number, written: number]>> = {
  'openai-chat': [150, 1000, 50],
  'openai-responses': [150, 1000, 50],
  anthropic: [150, 1000, 50],
  ollama: [1200, 0, 0],
  openrouter: [200, 1000, 0],
  deepseek: [200, 1000, 0],
};

function ask(kind: Kind, more: Partial<Params> = {}): Params {
  return { model: modelOf(kind), max_tokens: 256, messages: MESSAGES, ...more };
}

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

describe('the client of Anthropic', () => {
  const stage = Stage.setEveryKind();
  const client = (): Anthropic => anthropicClient(stage.gateway);

  it.each(KINDS)('gets the same message plainly and streamed, from %s', async (kind) => {
    stage.upstream.always(plays());
    const params = ask(kind, { system: 'Be kind.' });

    const plain = await client().messages.create(params);
    const stream = client().messages.stream(params);
    const heard: string[] = [];
    stream.on('text', (delta) => heard.push(delta));
    const streamed = await stream.finalMessage();

    expect(plain).toMatchObject({ type: 'message', role: 'assistant', model: expect.any(String), stop_reason: 'end_turn' });
    expect(plain.content).toHaveLength(1);
    expect(textOf(plain)).toBe(kind === 'echo' ? 'Say hello.' : PLAYED_TEXT);
    expect(streamed.content).toEqual(plain.content);
    expect(streamed).toMatchObject({ role: 'assistant', stop_reason: 'end_turn' });
    expect(heard.join('')).toBe(textOf(plain));
    expect(heard.length).toBeGreaterThan(1);
    expect(await stream.finalText()).toBe(heard.join(''));
  });

  it.each(SCRIPTED_KINDS)('is told each token once, from %s', async (kind) => {
    stage.upstream.always(plays());
    const [fresh, read, written] = INPUT[kind];
    const expected = { input_tokens: fresh, cache_read_input_tokens: read, cache_creation_input_tokens: written, output_tokens: 80 };

    expect((await client().messages.create(ask(kind))).usage).toMatchObject(expected);
    expect((await client().messages.stream(ask(kind)).finalMessage()).usage).toMatchObject(expected);
  });

  it.each(SCRIPTED_KINDS)('calls two tools at once and sends both results back, one of them an error, to %s', async (kind) => {
    stage.upstream.next(plays({ toolCalls: [PARIS, CLOCK] }), plays({ text: 'Sunny.' }));
    const tools = [WEATHER, CLOCK_TOOL];

    const first = await client().messages.stream(ask(kind, { tools })).finalMessage();
    const calls = first.content.filter((block) => block.type === 'tool_use');
    const results = calls.map(({ id, name }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      ...(name === PARIS.name ? { content: 'sunny, 21 °C' } : { content: 'the clock has stopped', is_error: true }),
    }));
    const messages = [...MESSAGES, { role: 'assistant' as const, content: first.content }, { role: 'user' as const, content: results }];
    const second = await client().messages.create(ask(kind, { tools, messages }));

    expect(first.stop_reason).toBe('tool_use');
    expect(calls).toMatchObject([
      { name: PARIS.name, input: PARIS.arguments },
      { name: CLOCK.name, input: {} },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(textOf(second)).toBe('Sunny.');
    const sent = (await stage.upstream.attempt(1)).body.toString();
    expect(sent).toContain('sunny, 21 °C');
    expect(sent).toContain('the clock has stopped');
    expect(sent).not.toContain('x-tollgate');
  });

  it.each(SCRIPTED_KINDS)('hears the arguments of a tool as they come, from %s', async (kind) => {
    stage.upstream.next(plays({ text: 'Let me see.', toolCalls: [ZURICH] }));
    const pieces: string[] = [];

    const stream = client().messages.stream(ask(kind, { tools: [WEATHER] }));
    stream.on('inputJson', (piece) => pieces.push(piece));
    const message = await stream.finalMessage();

    expect(JSON.parse(pieces.join(''))).toEqual(ZURICH.arguments);
    expect(message.content).toMatchObject([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', name: ZURICH.name, input: ZURICH.arguments },
    ]);
    expect(message.stop_reason).toBe('tool_use');
  });

  it('goes through the loop of tools with the pretend model', async () => {
    const first = await client().messages.create(ask('echo', { tools: [WEATHER] }));
    const call = first.content.find((block) => block.type === 'tool_use');
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'sunny everywhere' };
    const messages = [...MESSAGES, { role: 'assistant' as const, content: first.content }, { role: 'user' as const, content: [result] }];

    const second = await client()
      .messages.stream(ask('echo', { tools: [WEATHER], messages }))
      .finalMessage();

    expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
    expect(textOf(second)).toContain('sunny everywhere');
  });

  it.each(SCRIPTED_KINDS)('is told that the answer was cut, by %s', async (kind) => {
    stage.upstream.always(plays({ text: 'Once upon', finish: 'length' }));

    expect(await client().messages.create(ask(kind))).toMatchObject({ stop_reason: 'max_tokens' });
    expect(await client().messages.stream(ask(kind)).finalMessage()).toMatchObject({ stop_reason: 'max_tokens' });
  });

  it.each(KINDS)('gets an answer that fits its schema, from %s', async (kind) => {
    stage.upstream.next(plays({ text: '{"city":"Paris"}' }));
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

    const answer = await client().messages.create(ask(kind, { output_config: { format: { type: 'json_schema', schema } } }));

    expect(JSON.parse(textOf(answer))).toEqual({ city: expect.any(String) });
    if (kind !== 'echo') expect((await stage.upstream.attempt(0)).body.toString()).toContain('"additionalProperties":false');
  });

  it.each(SCRIPTED_KINDS)('shows an image to %s', async (kind) => {
    stage.upstream.next(plays());
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data };

    await client().messages.create(
      ask(kind, {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source },
              { type: 'text', text: 'What is it?' },
            ],
          },
        ],
      }),
    );

    expect((await stage.upstream.attempt(0)).body.toString()).toContain(data);
  });
});
