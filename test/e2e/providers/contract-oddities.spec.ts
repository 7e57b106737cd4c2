import { describe, expect, it } from '@jest/globals';
import { modelOf, type ScriptedKind } from '../../support/gateway/kinds.js';
import { streams } from '../../support/upstream/behaviours.js';
import { failedResponseFrame } from '../../support/upstream/wire/responses.js';
import { Stage } from '../stage.js';
import { CLIENTS, type Client } from './clients.js';
import { FINISHES } from './finishes.js';
import type { Heard } from './heard.js';
import { BROKEN_STREAMS, ODD_STREAMS } from './odd-streams.js';

/** What each kind is spoken to in: a client of the same is relayed to. */
const SPOKEN: Readonly<Record<ScriptedKind, string>> = {
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic-messages',
  ollama: 'ollama',
  openrouter: 'openai-chat',
  deepseek: 'openai-chat',
};

describe('a stream with', () => {
  const stage = Stage.setEveryKind();

  async function ask(kind: ScriptedKind, client: Client): Promise<{ status: number; heard: Heard; requestId: string }> {
    const requestId = stage.requestId();
    const raw = await stage.call(client.body(modelOf(kind), true), { 'x-request-id': requestId }, client.path);
    expect(raw.whole).toBe(true);
    return { status: raw.status, heard: client.hear(raw, raw.status === 200), requestId };
  }

  it.each(ODD_STREAMS.map((row) => [row.kind, row.name, row] as const))('%s: %s is understood', async (kind, _, { behaviour, heard }) => {
    stage.upstream.always(behaviour);

    for (const client of CLIENTS.filter(({ dialect }) => dialect !== SPOKEN[kind])) {
      const { finish, ...said } = heard;
      expect((await ask(kind, client)).heard).toMatchObject({
        ...said,
        finish: FINISHES[client.dialect]![finish as 'stop'],
        error: undefined,
      });
    }
  });

  it.each(BROKEN_STREAMS.map((row) => [row.kind, row.name, row] as const))(
    '%s: %s is an error',
    async (kind, _, { behaviour, alsoRelayed }) => {
      stage.upstream.always(behaviour);

      for (const client of CLIENTS.filter(({ dialect }) => alsoRelayed || dialect !== SPOKEN[kind])) {
        const { status, heard, requestId } = await ask(kind, client);
        expect([200, 502]).toContain(status);
        expect(heard.finish).toBeUndefined();
        expect(heard.error).toMatchObject({ code: 'upstream_protocol', requestId });
        expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ status, ending: status === 200 ? 'upstream_cut' : 'failed' });
      }
    },
  );

  it('openai-responses: `response.failed` is an error to who speaks another dialect', async () => {
    const added = { type: 'message', id: 'msg_1', status: 'in_progress', role: 'assistant', content: [] };
    const events: [string, object][] = [
      ['response.output_item.added', { output_index: 0, item: added }],
      ['response.output_text.delta', { item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello', logprobs: [] }],
    ];
    const begun = events.map(
      ([type, members], at) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: at, ...members })}\n\n`,
    );
    stage.upstream.always(streams([...begun, failedResponseFrame('the model fell over', 2)]));

    for (const client of CLIENTS.filter(({ dialect }) => dialect !== 'openai-responses')) {
      const { heard } = await ask('openai-responses', client);
      expect(heard).toMatchObject({
        text: 'Hello',
        finish: undefined,
        error: { message: 'the model fell over', code: 'upstream_unavailable' },
      });
    }
  });
});
