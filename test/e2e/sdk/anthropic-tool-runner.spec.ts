import { describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { KINDS, modelOf, SCRIPTED_KINDS, type Kind } from '../../support/gateway/kinds.js';
import { PARIS, plays } from '../../support/upstream/dialects.js';
import { MESSAGES, Stage } from '../stage.js';
import { anthropicClient, WEATHER } from './anthropic-client.js';

/** All that are no Messages API themselves. */
const OTHERS = SCRIPTED_KINDS.filter((kind) => kind !== 'anthropic');

describe('the tool runner of Anthropic', () => {
  const stage = Stage.setEveryKind();
  const client = (): Anthropic => anthropicClient(stage.gateway);

  function weatherTool(asked: string[]) {
    return betaTool({
      name: WEATHER.name,
      description: WEATHER.description,
      inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      run: ({ city }) => {
        asked.push(city);
        return `sunny in ${city}`;
      },
    });
  }

  function ask(kind: Kind, asked: string[]) {
    return { model: modelOf(kind), max_tokens: 256, messages: MESSAGES, tools: [weatherTool(asked)] };
  }

  it.each(KINDS)('goes round without a thread, streaming and not, with %s', async (kind) => {
    const asked: string[] = [];
    const script = [plays({ toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' })];
    stage.upstream.next(...script, ...script);

    const plain = await client().beta.messages.toolRunner({ ...ask(kind, asked), thread: false });
    const streamed = await client()
      .beta.messages.toolRunner({ ...ask(kind, asked), thread: false, stream: true })
      .runUntilDone();

    for (const message of [plain, streamed]) {
      expect(message.stop_reason).toBe('end_turn');
      expect(message.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/sunny/i) }]);
    }
    expect(asked).toHaveLength(2);
    if (kind !== 'echo') expect(asked).toEqual(['Paris', 'Paris']);
  });

  it('keeps its thread where Anthropic holds it', async () => {
    stage.upstream.next(plays({ toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' }));

    await client().beta.messages.toolRunner(ask('anthropic', []));

    const [first, second] = [await stage.upstream.attempt(0), await stage.upstream.attempt(1)];
    expect(first.json).toMatchObject({ thread: { type: 'create' } });
    expect(first.headers['anthropic-beta']).toContain('message-threads-2026-08-12');
    expect(second.json).toMatchObject({ thread: { type: 'continue', previous_message_id: 'msg_scripted' } });
    expect(second.json['messages']).toHaveLength(1);
  });

  it.each(OTHERS)('goes on without a thread where nobody could hold it, streaming and not, with %s', async (kind) => {
    const asked: string[] = [];
    const script = [plays({ toolCalls: [PARIS] }), plays({ text: 'Sunny in Paris.' })];
    stage.upstream.next(...script, ...script);

    const plain = await client().beta.messages.toolRunner(ask(kind, asked));
    const streamed = await client()
      .beta.messages.toolRunner({ ...ask(kind, asked), stream: true })
      .runUntilDone();

    for (const message of [plain, streamed]) expect(message.content).toMatchObject([{ type: 'text', text: 'Sunny in Paris.' }]);
    expect(asked).toEqual(['Paris', 'Paris']);
    expect(stage.upstream.attempts).toHaveLength(4);
    const second = (await stage.upstream.attempt(1)).body.toString();
    expect(second).toContain(MESSAGES[0]!.content);
    expect(second).toContain('sunny in Paris');
  });

  it.each(OTHERS)('is refused a thread by its own class of error, before anything is sent, with %s', async (kind) => {
    const thread = client().beta.messages.thread({ model: modelOf(kind), max_tokens: 256 });

    const error: unknown = await thread.send(MESSAGES[0]).then(
      () => undefined,
      (reason: unknown) => reason,
    );

    expect(error).toBeInstanceOf(Anthropic.ThreadUnsupportedRequestError);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', details: { unsupported: ['thread'] } });
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('lets a thread that may do without the provider send all of it each time', async () => {
    stage.upstream.next(plays({ text: 'Good morning.' }), plays({ text: 'Good night.' }));
    const params = { model: modelOf('deepseek'), max_tokens: 256, unsupportedRequestBehavior: 'continue_unthreaded' as const };
    const thread = client().beta.messages.thread(params);

    await thread.send(MESSAGES[0]);
    await thread.send({ role: 'user', content: 'And now?' });

    expect((await stage.upstream.attempt(1)).json).toMatchObject({
      messages: [...MESSAGES, { role: 'assistant', content: 'Good morning.' }, { role: 'user', content: 'And now?' }],
    });
  });

  it('gets whole conversations to the pretend model too', async () => {
    const message = await client().beta.messages.toolRunner(ask('echo', []));

    expect(message.content).toMatchObject([{ type: 'text', text: expect.stringContaining('sunny') }]);
  });
});
