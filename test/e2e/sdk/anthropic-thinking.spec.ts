import { describe, expect, it } from '@jest/globals';
import type Anthropic from '@anthropic-ai/sdk';
import { modelOf, type ScriptedKind } from '../../support/gateway/kinds.js';
import { PARIS, PLAYED_THOUGHT, plays } from '../../support/upstream/dialects.js';
import { MESSAGES, Stage } from '../stage.js';
import { anthropicClient, WEATHER } from './anthropic-client.js';

/** The kinds that show their thoughts. */
const THINKERS: readonly ScriptedKind[] = ['anthropic', 'openai-responses', 'ollama', 'openrouter', 'deepseek'];
const THINKING = { type: 'enabled' as const, budget_tokens: 2_048 };

interface Asked {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: Anthropic.MessageParam[];
  readonly tools: Anthropic.Tool[];
  readonly thinking: typeof THINKING;
}

function ask(kind: ScriptedKind, messages: Anthropic.MessageParam[] = MESSAGES): Asked {
  return { model: modelOf(kind), max_tokens: 4_096, messages, tools: [WEATHER], thinking: THINKING };
}

describe('thinking, as the client of Anthropic hears it,', () => {
  const stage = Stage.setEveryKind();
  const client = (): Anthropic => anthropicClient(stage.gateway);

  /** A turn of thought and a tool call, answered: the history of the second turn. */
  async function thoughtfulTurn(kind: ScriptedKind): Promise<Anthropic.MessageParam[]> {
    stage.upstream.next(plays({ reasoning: PLAYED_THOUGHT, toolCalls: [PARIS] }));
    const { content } = await client().messages.stream(ask(kind)).finalMessage();
    const call = content.find((block) => block.type === 'tool_use');
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'sunny' };
    return [...MESSAGES, { role: 'assistant', content }, { role: 'user', content: [result] }];
  }

  it.each(THINKERS)('is a block of its own before the text, with a signature, from %s', async (kind) => {
    stage.upstream.always(plays({ reasoning: PLAYED_THOUGHT, text: 'Hello.' }));

    const plain = await client().messages.create(ask(kind));
    const stream = client().messages.stream(ask(kind));
    const heard: string[] = [];
    stream.on('thinking', (delta) => heard.push(delta));
    const streamed = await stream.finalMessage();

    for (const { content, stop_reason } of [plain, streamed]) {
      expect(stop_reason).toBe('end_turn');
      expect(content).toEqual([
        { type: 'thinking', thinking: PLAYED_THOUGHT.text, signature: expect.stringMatching(/./) },
        expect.objectContaining({ type: 'text', text: 'Hello.' }),
      ]);
    }
    expect(heard.join('')).toBe(PLAYED_THOUGHT.text);
  });

  it('goes back to Anthropic as it came, signature and all', async () => {
    const messages = await thoughtfulTurn('anthropic');
    stage.upstream.next(plays());

    await client().messages.create(ask('anthropic', messages));

    const { text: thinking, signature } = PLAYED_THOUGHT;
    expect((await stage.upstream.attempt(1)).json).toMatchObject({
      thinking: THINKING,
      messages: [{}, { content: [{ type: 'thinking', thinking, signature }, { type: 'tool_use' }] }, {}],
    });
  });

  it('goes back to DeepSeek, which refuses tool results without it', async () => {
    const messages = await thoughtfulTurn('deepseek');
    stage.upstream.next(plays());

    await client().messages.create(ask('deepseek', messages));

    expect((await stage.upstream.attempt(1)).json).toMatchObject({
      messages: [
        {},
        { role: 'assistant', reasoning_content: PLAYED_THOUGHT.text, tool_calls: [{ function: { name: PARIS.name } }] },
        { role: 'tool', content: 'sunny' },
      ],
    });
  });

  it('goes back to OpenRouter with its proof', async () => {
    const messages = await thoughtfulTurn('openrouter');
    stage.upstream.next(plays());

    await client().messages.create(ask('openrouter', messages));

    const sent = (await stage.upstream.attempt(1)).body.toString();
    expect(sent).toContain(PLAYED_THOUGHT.text);
    expect(sent).toContain(PLAYED_THOUGHT.signature);
  });

  it('goes back to Ollama', async () => {
    const messages = await thoughtfulTurn('ollama');
    stage.upstream.next(plays());

    await client().messages.create(ask('ollama', messages));

    expect((await stage.upstream.attempt(1)).json).toMatchObject({ messages: [{}, { thinking: PLAYED_THOUGHT.text }, {}] });
  });

  it.each(['deepseek', 'openrouter', 'ollama', 'openai-responses'] as const)(
    'of %s is no signature that Anthropic is shown',
    async (kind) => {
      const messages = await thoughtfulTurn(kind);
      stage.upstream.next(plays());

      await client().messages.create(ask('anthropic', messages));

      const sent = (await stage.upstream.attempt(1)).body.toString();
      expect(sent).toContain('"tool_use"');
      expect(sent).not.toContain('tollgate.');
    },
  );

  it.each(['openai-responses', 'ollama'] as const)('of Anthropic can be followed by %s, which is not shown its signature', async (kind) => {
    const messages = await thoughtfulTurn('anthropic');
    stage.upstream.next(plays());

    const answer = await client().messages.create(ask(kind, messages));

    expect(answer.stop_reason).toBe('end_turn');
    expect((await stage.upstream.attempt(1)).body.toString()).not.toContain(PLAYED_THOUGHT.signature);
  });
});
