import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/platform/config/secret.js';
import { Bodies } from '../../../src/usage/bodies/bodies.js';
import type { BodiesDto } from '../../../src/usage/bodies/request-with-bodies.dto.js';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { modelOf, type Kind } from '../../support/gateway/kinds.js';
import { query } from '../../support/query.js';
import { RawClient, type RawAnswer } from '../../support/raw-client.js';
import { Pace } from '../../support/upstream.js';
import { PLAYED_TEXT, plays, refusesInKind } from '../../support/upstream/dialects.js';
import { CALL_HEADERS, CHAT_PATH, Stage } from '../stage.js';

const PROMPT = 'Zanzibar is my secret.';
const SECRETS = { secretKeys: [new Secret('a-key-of-more-than-32-characters!!!!')] };

interface Case {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const said = (kind: Kind, rest: object = {}) => ({ model: modelOf(kind), messages: [{ role: 'user', content: PROMPT }], ...rest });

/** In each dialect of clients, relayed and translated, plain and streamed. */
const CASES: readonly (readonly [string, Case])[] = [
  ['Chat Completions', { path: CHAT_PATH, body: said('openai-chat') }],
  ['Chat Completions, streamed', { path: CHAT_PATH, body: said('openai-chat', { stream: true }) }],
  ['Chat Completions, streamed by Anthropic', { path: CHAT_PATH, body: said('anthropic', { stream: true }) }],
  ['Responses', { path: '/v1/responses', body: { model: modelOf('openai-responses'), input: PROMPT } }],
  ['Responses, streamed', { path: '/v1/responses', body: { model: modelOf('openai-responses'), input: PROMPT, stream: true } }],
  ['Messages', { path: '/v1/messages', body: said('anthropic', { max_tokens: 100 }) }],
  ['Messages, streamed', { path: '/v1/messages', body: said('anthropic', { max_tokens: 100, stream: true }) }],
  ['Embeddings', { path: '/v1/embeddings', body: { model: modelOf('openai-chat'), input: [PROMPT] } }],
];

function setStage(storeBodies: 'off' | 'redacted' | 'full') {
  const stage = Stage.setEveryKind({ config: { keys: SECRETS, privacy: { storeBodies, bodiesMaxBytes: 262_144 } } });
  const explained = async (requestId: string, key = CLIENT_KEY): Promise<RawAnswer> => {
    await stage.gateway.ledger.row(requestId);
    await stage.gateway.app.get(Bodies, { strict: false }).flush();
    return stage.raw({ path: `/v1/requests/${requestId}`, headers: { authorization: `Bearer ${key}` } });
  };
  const bodiesOf = async (requestId: string, key = CLIENT_KEY): Promise<BodiesDto | undefined> =>
    (JSON.parse(String((await explained(requestId, key)).body)) as { bodies?: BodiesDto }).bodies;
  const call = async ({ path, body }: Case) => {
    const requestId = stage.requestId();
    const sent = JSON.stringify(body);
    const answer = await stage.call(sent, { 'x-request-id': requestId }, path);
    return { requestId, sent, answer };
  };
  return { stage, explained, bodiesOf, call };
}

describe('bodies in full', () => {
  const { stage, explained, bodiesOf, call } = setStage('full');

  it.each(CASES)('are what was sent and what was answered: %s', async (_, one) => {
    stage.upstream.next(plays());

    const { requestId, sent, answer } = await call(one);

    expect(answer).toMatchObject({ status: 200, whole: true });
    expect(await bodiesOf(requestId)).toEqual({
      request: { text: sent, bytes: Buffer.byteLength(sent), cut: false, redacted: false, unreadable: null },
      answer: { text: String(answer.body), bytes: answer.body.length, cut: false, redacted: false, unreadable: null },
    });
  });

  it('are the error where there was no answer', async () => {
    stage.upstream.next(refusesInKind(400, 'no such thing'));

    const { requestId, answer } = await call(CASES[1]![1]);

    expect(answer.status).toBe(400);
    expect((await bodiesOf(requestId))!.answer).toMatchObject({ text: String(answer.body), bytes: answer.body.length });
  });

  it('are as much of a stream as went to a client that left', async () => {
    const requestId = stage.requestId();
    const pace = new Pace();
    stage.upstream.next(plays({ text: PLAYED_TEXT }, { pace }));
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const client = await RawClient.send(stage.gateway.baseUrl, {
      method: 'POST',
      path: CHAT_PATH,
      headers,
      body: JSON.stringify(CASES[1]![1].body),
    });
    pace.step(2);
    await client.until((body) => body.includes('\n\n'));
    const attempt = await stage.upstream.attempt(0);
    const read = String(client.body);
    client.hangUp();
    await attempt.closed;

    const { answer } = (await bodiesOf(requestId))!;

    expect(answer!.text!.startsWith(read)).toBe(true);
    expect(answer!.text).not.toContain('[DONE]');
    expect(answer!.cut).toBe(false);
  });

  it('have no answer where the client left before there was one', async () => {
    const requestId = stage.requestId();
    stage.upstream.next(plays({ text: PLAYED_TEXT }, { pace: new Pace() }));
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const body = JSON.stringify(CASES[1]![1].body);
    const client = await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body });
    const attempt = await stage.upstream.attempt(0);
    client.hangUp();
    await attempt.closed;

    expect(await bodiesOf(requestId)).toMatchObject({ request: { text: body }, answer: null });
  });

  it('are cut where they are long', async () => {
    const long = 'x'.repeat(2_000_000);
    stage.upstream.next(plays({ text: long }));

    const { requestId, sent, answer } = await call({ path: CHAT_PATH, body: said('openai-chat', { user: long }) });

    expect(answer.status).toBe(200);
    expect(await bodiesOf(requestId)).toEqual({
      request: { text: sent.slice(0, 262_144), bytes: sent.length, cut: true, redacted: false, unreadable: null },
      answer: { text: String(answer.body).slice(0, 262_144), bytes: answer.body.length, cut: true, redacted: false, unreadable: null },
    });
  });

  it('are shown to their own key and to administrators', async () => {
    stage.upstream.next(plays());
    const { requestId } = await call(CASES[0]![1]);

    expect((await bodiesOf(requestId))!.request!.text).toContain(PROMPT);
    expect((await bodiesOf(requestId, ADMIN_KEY))!.request!.text).toContain(PROMPT);
    const { status, body } = await explained(requestId, OTHER_KEY);
    expect([status, String(body).includes(PROMPT)]).toEqual([404, false]);
  });

  it('cannot be read in the table, compressed or not', async () => {
    stage.upstream.next(plays());
    const { requestId } = await call(CASES[0]![1]);
    await bodiesOf(requestId);

    const rows = await query<{ secret_id: string; request: Buffer; answer: Buffer; row: string }>(
      stage.gateway.databaseUrl,
      'SELECT *, bodies::text AS row FROM bodies',
    );

    expect(rows.length).toBeGreaterThan(0);
    for (const { request, answer, row } of rows) {
      for (const text of [PROMPT, 'Zanzibar', PLAYED_TEXT, 'messages', modelOf('openai-chat')]) {
        for (const bytes of [request, answer ?? Buffer.alloc(0), Buffer.from(row)]) expect(bytes.includes(text)).toBe(false);
        expect(row).not.toContain(Buffer.from(text).toString('hex'));
      }
    }
  });

  it('say why they cannot be read, and the call is explained all the same', async () => {
    stage.upstream.next(plays());
    const { requestId } = await call(CASES[0]![1]);
    await bodiesOf(requestId);
    const { call_id: callId } = await stage.gateway.ledger.row(requestId);
    await query(stage.gateway.databaseUrl, `UPDATE bodies SET secret_id = 'gonegone', answer = NULL WHERE call_id = '${callId}'`);

    const unreadable = 'It was encrypted with the key gonegone, which is not among TOLLGATE_SECRET_KEYS any more.';
    expect(await bodiesOf(requestId)).toEqual({
      request: { text: null, bytes: null, cut: false, redacted: false, unreadable },
      answer: null,
    });
  });

  it('do not open for another call', async () => {
    stage.upstream.next(plays(), plays());
    const [one, other] = [await call(CASES[0]![1]), await call(CASES[0]![1])];
    await bodiesOf(one.requestId);
    await bodiesOf(other.requestId);
    const idOf = async ({ requestId }: { requestId: string }) => (await stage.gateway.ledger.row(requestId)).call_id;
    const moved = `(SELECT request FROM bodies WHERE call_id = '${await idOf(one)}')`;
    await query(stage.gateway.databaseUrl, `UPDATE bodies SET request = ${moved} WHERE call_id = '${await idOf(other)}'`);

    const { request, answer } = (await bodiesOf(other.requestId))!;

    expect(request).toMatchObject({ text: null, unreadable: 'It was altered, or encrypted for another call.' });
    expect(answer).toMatchObject({ text: String(other.answer.body), unreadable: null });
  });
});

describe('a table of bodies that cannot be written', () => {
  const { stage, bodiesOf, call } = setStage('full');

  it('costs the bodies, but neither the call nor its row', async () => {
    await query(stage.gateway.databaseUrl, 'ALTER TABLE bodies RENAME TO bodies_away');
    stage.upstream.next(plays(), plays());

    const lost = await call(CASES[0]![1]);
    await stage.gateway.app.get(Bodies, { strict: false }).flush();
    await query(stage.gateway.databaseUrl, 'ALTER TABLE bodies_away RENAME TO bodies');
    const kept = await call(CASES[0]![1]);

    expect(lost.answer.status).toBe(200);
    expect(await bodiesOf(lost.requestId)).toBeUndefined();
    expect((await bodiesOf(kept.requestId))!.request!.text).toBe(kept.sent);
    expect(stage.gateway.logs.lines.filter(({ event }) => event === 'bodies_dropped')).toMatchObject([{ calls: 1, total: 1 }]);
  });
});

describe('redacted bodies', () => {
  const { stage, bodiesOf, call } = setStage('redacted');

  it.each(CASES)('say what was asked and answered without the words: %s', async (_, one) => {
    stage.upstream.next(plays());

    const { requestId, answer } = await call(one);

    expect(answer.status).toBe(200);
    const bodies = (await bodiesOf(requestId))!;
    expect(bodies.request).toMatchObject({ redacted: true, cut: false, unreadable: null });
    expect(JSON.parse(bodies.request!.text!)).toMatchObject({ model: one.body.model });
    expect(bodies.request!.text).toContain(`[redacted: ${PROMPT.length}]`);
    expect(bodies.answer).toMatchObject({ redacted: true, cut: false, bytes: answer.body.length });
    expect(bodies.answer!.text).toContain('[redacted: ');
    const words = [...PROMPT.split(' '), ...PLAYED_TEXT.split(' ')].filter((word) => word.length > 3);
    for (const word of words) expect(`${bodies.request!.text}${bodies.answer!.text}`).not.toContain(word);
  });

  it('say of an error what it is called', async () => {
    stage.upstream.next(refusesInKind(400, `what you said, ${PROMPT}, is wrong`));

    const { requestId, answer } = await call(CASES[0]![1]);

    expect(String(answer.body)).toContain(PROMPT);
    const { answer: kept } = (await bodiesOf(requestId))!;
    expect(kept!.text).not.toContain('Zanzibar');
    expect(JSON.parse(kept!.text!)).toMatchObject({ error: { message: expect.stringMatching(/^\[redacted: \d+\]$/) } });
  });

  it('are whole where the request was long', async () => {
    stage.upstream.next(plays());

    const { requestId, sent } = await call({ path: CHAT_PATH, body: said('openai-chat', { user: 'x'.repeat(2_000_000) }) });

    const { request } = (await bodiesOf(requestId))!;
    expect(request).toMatchObject({ bytes: sent.length, cut: false, redacted: true });
    expect(JSON.parse(request!.text!)).toMatchObject({ user: '[redacted: 2000000]' });
  });
});

describe('a gateway that keeps no bodies', () => {
  const { stage, explained, call } = setStage('off');

  it('has none', async () => {
    stage.upstream.next(plays());

    const { requestId } = await call(CASES[0]![1]);

    expect(JSON.parse(String((await explained(requestId)).body))).not.toHaveProperty('bodies');
    expect(await query(stage.gateway.databaseUrl, 'SELECT FROM bodies')).toEqual([]);
  });
});
