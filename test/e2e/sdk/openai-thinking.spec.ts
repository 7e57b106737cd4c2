import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { modelOf, type ScriptedKind } from '../../support/gateway/kinds.js';
import { PARIS, PLAYED_THOUGHT, plays, ZURICH } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';
import { turnsOf } from './turns.js';

const { text: THOUGHT, signature: PROOF } = PLAYED_THOUGHT;
const USER = { role: 'user' as const, content: 'What is the weather?' };
const ANSWER = { text: 'Let me look.', toolCalls: [PARIS, ZURICH], reasoning: PLAYED_THOUGHT };

/** The maker of a thought · does the client get the answer streamed · what must come back to the maker of the thought. */
const ROWS: readonly (readonly [ScriptedKind, boolean, readonly string[]])[] = [
  ['anthropic', false, [THOUGHT, PROOF]],
  ['anthropic', true, [THOUGHT, PROOF]],
  ['openai-responses', false, [PROOF]],
  ['openai-responses', true, [PROOF]],
  ['openrouter', false, [THOUGHT, PROOF]],
  ['deepseek', false, [THOUGHT]],
  ['ollama', false, [THOUGHT]],
];

/** Of members that it does not know the client keeps the last piece of a stream only: what must come back whole comes in one piece. */
describe('a message that the client of OpenAI gives back as it got it', () => {
  const stage = Stage.setEveryKind();

  it.each(ROWS)('tells %s what it thought (stream: %s)', async (kind, stream, thoughts) => {
    stage.upstream.next(plays(ANSWER), plays({ text: 'Sunny.' }));
    const model = modelOf(kind);
    const first = await ask({ model, messages: [USER] }, stream);
    const results = [PARIS, ZURICH].map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sunny' }));

    await ask({ model, messages: [USER, first, ...results] }, stream);

    const attempt = await stage.upstream.attempt(1);
    for (const thought of thoughts) expect(attempt.body.toString()).toContain(JSON.stringify(thought));
    expect(turnsOf(attempt)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: ANSWER.text, calls: [{ id: PARIS.id }, { id: ZURICH.id }] },
      { role: 'tool', results: { [PARIS.id]: 'sunny', [ZURICH.id]: 'sunny' } },
    ]);
  });

  async function ask(
    terms: Omit<OpenAI.ChatCompletionCreateParams, 'stream'>,
    stream: boolean,
  ): Promise<OpenAI.ChatCompletionMessageParam> {
    if (stream) return stage.openai.chat.completions.stream(terms).finalMessage();
    return (await stage.openai.chat.completions.create({ ...terms, stream: false })).choices[0]!.message;
  }
});
