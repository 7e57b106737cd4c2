import { describe, expect, it } from '@jest/globals';
import { EMBEDDING_KINDS, keyOf, modelOf, NANO_USD, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import {
  CLOCK,
  EMBEDDING_TOKENS,
  OPENROUTER_COST,
  PARIS,
  PLAYED_TEXT,
  PLAYED_THOUGHT,
  PLAYED_USAGE,
  plays,
  ZURICH,
  type PlayedAnswer,
  type PlayedCall,
  type PlayedUsage,
} from '../../support/upstream/dialects.js';
import { CLIENT_KEY } from '../../support/gateway.js';
import { Stage } from '../stage.js';
import { FINISHES } from './finishes.js';
import type { Heard, HeardCall } from './heard.js';
import { PAIRS } from './pairs.js';

const THINKS: readonly ScriptedKind[] = SCRIPTED_KINDS.filter((kind) => kind !== 'openai-chat');

/** The buckets of a kind: what its dialect tells apart of the same tokens. */
function bucketsOf(kind: ScriptedKind): PlayedUsage {
  const { input, cacheRead, cacheWrite } = PLAYED_USAGE;
  if (kind === 'ollama') return { ...PLAYED_USAGE, input: input + cacheRead + cacheWrite, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  if (kind === 'openrouter' || kind === 'deepseek') return { ...PLAYED_USAGE, input: input + cacheWrite, cacheWrite: 0 };
  return PLAYED_USAGE;
}

function costOf({ input, cacheRead, cacheWrite, output }: PlayedUsage): number {
  return input * NANO_USD.input + cacheRead * NANO_USD.cacheRead + cacheWrite * NANO_USD.cacheWrite + output * NANO_USD.output;
}

function heardCalls(calls: readonly PlayedCall[]): HeardCall[] {
  return calls.map(({ id, name, arguments: given }) => ({ id, name, given }));
}

const ANSWERS: readonly (readonly [string, PlayedAnswer])[] = [
  ['a text', { text: PLAYED_TEXT }],
  ['a thought and a text', { text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT }],
  ['a call', { toolCalls: [ZURICH] }],
  ['a call that takes nothing', { toolCalls: [CLOCK] }],
  ['a thought, a text and three calls at once', { text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT, toolCalls: [PARIS, CLOCK, ZURICH] }],
  ['a text that is cut by its length', { text: PLAYED_TEXT, finish: 'length' }],
];

/** Where each kind is asked, and how it is told the key. */
const ENDPOINTS: Readonly<Record<ScriptedKind, readonly [path: string, header: string]>> = {
  'openai-chat': ['/openai/v1/chat/completions', 'authorization'],
  'openai-responses': ['/openai/v1/responses', 'authorization'],
  anthropic: ['/anthropic/v1/messages', 'x-api-key'],
  ollama: ['/ollama/api/chat', 'authorization'],
  openrouter: ['/openrouter/api/v1/chat/completions', 'authorization'],
  deepseek: ['/deepseek/v1/chat/completions', 'authorization'],
};

describe('the contract of every adapter:', () => {
  const stage = Stage.setEveryKind();

  describe.each(PAIRS)('what %s says comes to a client of %s:', (kind, dialect, client) => {
    async function ask(answer: PlayedAnswer, stream: boolean): Promise<{ heard: Heard; requestId: string }> {
      stage.upstream.always(plays(answer));
      const requestId = stage.requestId();
      const raw = await stage.call(client.body(modelOf(kind), stream), { 'x-request-id': requestId }, client.path);
      expect([raw.status, raw.whole]).toEqual([200, true]);
      expect(raw.headers['content-type']).toMatch(stream ? /^text\/event-stream/ : /^application\/json/);
      expect(raw.headers['x-tollgate-provider']).toBe(kind);
      return { heard: client.hear(raw, stream), requestId };
    }

    function expected({ text = '', reasoning, toolCalls = [], finish }: PlayedAnswer): Heard {
      const { input, cacheRead, cacheWrite, output } = bucketsOf(kind);
      return {
        text,
        thought: THINKS.includes(kind) ? (reasoning?.text ?? '') : '',
        calls: heardCalls(toolCalls),
        finish: FINISHES[dialect]![finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop')],
        usage: { prompt: input + cacheRead + cacheWrite, cacheRead, output },
        error: undefined,
      };
    }

    it.each(ANSWERS)('%s, plain and streamed', async (_, answer) => {
      for (const stream of [false, true]) expect((await ask(answer, stream)).heard).toEqual(expected(answer));
    });

    it('a refusal of the filter, where it knows any', async () => {
      const answer = { text: 'I had', finish: 'content_filter' } as const;
      const finish = FINISHES[dialect]![kind === 'ollama' ? 'stop' : 'content_filter'];

      for (const stream of [false, true]) expect((await ask(answer, stream)).heard.finish).toBe(finish);
    });

    it.each([false, true])('with its tokens and its price in the ledger (stream: %s)', async (stream) => {
      const { requestId } = await ask({ text: PLAYED_TEXT, reasoning: PLAYED_THOUGHT }, stream);

      const buckets = bucketsOf(kind);
      expect(await stage.gateway.ledger.row(requestId)).toMatchObject({
        surface: dialect,
        provider: kind,
        model: modelOf(kind),
        status: 200,
        ending: 'complete',
        streamed: stream,
        usage_source: 'provider',
        input_tokens: buckets.input,
        cache_read_tokens: buckets.cacheRead,
        cache_write_5m_tokens: buckets.cacheWrite,
        output_tokens: buckets.output,
        reasoning_tokens: buckets.reasoning,
        cost_nano_usd: String(costOf(buckets)),
        provider_cost_nano_usd: kind === 'openrouter' ? String(OPENROUTER_COST * 1e9) : null,
      });
    });

    it("after a question at its own address, with the operator's key and the tool", async () => {
      await ask({ text: PLAYED_TEXT }, true);

      const [path, header] = ENDPOINTS[kind];
      const { path: asked, headers, json } = await stage.upstream.attempt(0);
      expect(asked).toBe(path);
      expect(headers[header]).toBe(header === 'authorization' ? `Bearer ${keyOf(kind)}` : keyOf(kind));
      expect(JSON.stringify(headers)).not.toContain(CLIENT_KEY);
      expect(json).toMatchObject({ model: modelOf(kind), stream: true, tools: [expect.anything()] });
      expect(JSON.stringify(json['tools'])).toContain('"get_weather"');
    });
  });

  it.each(EMBEDDING_KINDS)('the tokens of the embeddings of %s are in the ledger', async (kind) => {
    stage.upstream.always(plays());
    const requestId = stage.requestId();

    const answer = await stage.call({ model: modelOf(kind), input: ['a', 'b'] }, { 'x-request-id': requestId }, '/v1/embeddings');

    expect(answer.status).toBe(200);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({
      surface: 'embeddings',
      provider: kind,
      input_tokens: EMBEDDING_TOKENS,
      output_tokens: 0,
      cost_nano_usd: String(EMBEDDING_TOKENS * NANO_USD.input),
    });
  });
});
