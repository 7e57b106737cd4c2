import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { modelOf, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import { RawClient } from '../../support/raw-client.js';
import { hangs } from '../../support/upstream/behaviours.js';
import { CLOCK, PARIS, plays, stopsShort, ZURICH, type PlayedAnswer } from '../../support/upstream/dialects.js';
import { byteByByte, cutAt } from '../../support/upstream/segments.js';
import { CALL_HEADERS, Stage } from '../stage.js';
import { CHAT, CLIENTS, type Client } from './clients.js';
import type { Heard } from './heard.js';
import { everyPair, PAIRS } from './pairs.js';
import { expectInTime } from '../../support/in-time.js';

const ANSWER: PlayedAnswer = {
  text: 'Grüße, 世界 👋🏽\u2028"usage":null}\n\ndata: [DONE]\n\n{"error":1} the end 🏁',
  reasoning: { text: 'Zürich? 東', signature: 'c2ln' },
  toolCalls: [ZURICH, CLOCK, PARIS],
};
const RELAYS: Readonly<Partial<Record<ScriptedKind, Client>>> = { 'openai-responses': CLIENTS[1]!, anthropic: CLIENTS[2]! };

describe('every adapter', () => {
  const stage = Stage.setEveryKind();

  async function hear(kind: ScriptedKind, client: Client): Promise<Heard> {
    const raw = await stage.call(client.body(modelOf(kind), true), {}, client.path);
    expect([raw.status, raw.whole]).toEqual([200, true]);
    return client.hear(raw, true);
  }

  function expectHeard({ text, calls, error }: Heard): void {
    expect({ text, calls, error }).toEqual({
      text: ANSWER.text,
      calls: [ZURICH, CLOCK, PARIS].map(({ id, name, arguments: given }) => ({ id, name, given })),
      error: undefined,
    });
  }

  // One client reads what each decoder makes of it; the relays of the other dialects are asked by their own.
  const READERS = SCRIPTED_KINDS.flatMap((kind) =>
    [CHAT, RELAYS[kind]].flatMap((client) => (client ? [[kind, client.dialect, client] as const] : [])),
  );

  it.each(READERS)('hears %s byte by byte, for a client of %s', async (kind, _, client) => {
    stage.upstream.always(plays(ANSWER, { segments: (frames) => byteByByte(Buffer.from(frames.join(''))) }));

    expectHeard(await hear(kind, client));
  });

  it('hears the same wherever the network cuts the stream', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PAIRS), fc.array(fc.nat({ max: 12_000 }), { maxLength: 40 }), async ([kind, , client], cuts) => {
        stage.upstream.always(plays(ANSWER, { segments: (frames) => cutAt(Buffer.from(frames.join('')), cuts) }));
        expectHeard(await hear(kind, client));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('hears the same in the middle of each character, line end and quote', async () => {
    const isEdge = (byte: number): boolean => byte >= 0x80 || byte === 0x0a || byte === 0x22;
    const segments = (frames: readonly string[]): Buffer[] => {
      const bytes = Buffer.from(frames.join(''));
      return cutAt(bytes, Array.from(bytes, (byte, offset) => (isEdge(byte) ? [offset, offset + 1] : [])).flat());
    };
    stage.upstream.always(plays(ANSWER, { segments }));

    await everyPair(async (kind, client, stream) => {
      if (stream) expectHeard(await hear(kind, client));
    });
  });

  it('leaves its provider when its client is gone, and accounts for it', async () => {
    const left: [requestId: string, expected: object][] = [];
    for (const [kind, , client] of PAIRS) {
      for (const [stream, behaviour] of [
        [false, hangs],
        [true, hangs],
        [true, stopsShort({ text: 'Hello, dear reader of this.' }, 4, { finally: hangs })],
      ] as const) {
        stage.upstream.forget();
        stage.upstream.always(behaviour);
        const requestId = stage.requestId();
        const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
        const body = JSON.stringify(client.body(modelOf(kind), stream));
        const caller = await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: client.path, headers, body });
        const attempt = await stage.upstream.attempt(0);
        if (behaviour !== hangs) await caller.until((bytes) => bytes.includes('Hello'));

        const leftMs = caller.hangUp();

        const closure = await attempt.closed;
        expect(closure.wholeAnswer).toBe(false);
        expectInTime(closure.atMs - leftMs, 100);
        left.push([
          requestId,
          { provider: kind, ending: 'client_gone', error_kind: 'client_closed', status: behaviour === hangs ? 499 : 200 },
        ]);
      }
    }
    for (const [requestId, expected] of left) {
      const row = await stage.gateway.ledger.row(requestId);
      expect(row).toMatchObject(expected);
      expect(row.input_tokens).toBeGreaterThan(0);
    }
  }, 60_000);
});
