import { describe, expect, it } from '@jest/globals';
import { RawClient } from '../../support/raw-client.js';
import { answers, cuts, hangs, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';
import { expectInTime } from '../../support/in-time.js';

/** Hang-ups that no SDK makes, but networks do. */
describe('a connection that goes away', () => {
  const stage = Stage.set();
  const body = JSON.stringify({ model: MODEL, messages: MESSAGES, stream: true });

  it('while the request is still being sent calls nobody and makes no row', async () => {
    const requestId = stage.requestId();
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId, 'content-length': String(body.length + 1_000) };
    const rows = (await stage.gateway.ledger.rows()).length;
    const client = await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body });

    client.hangUp();

    stage.upstream.next(answers(completion()));
    expect((await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': `${requestId}-next` })).status).toBe(200);
    await stage.gateway.ledger.row(`${requestId}-next`);
    expect(stage.upstream.attempts).toHaveLength(1);
    expect(await stage.gateway.ledger.rows()).toHaveLength(rows + 1);
  });

  it('before the headers closes the upstream within 100 ms', async () => {
    stage.upstream.next(hangs);
    const client = await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers: CALL_HEADERS, body });
    const attempt = await stage.upstream.attempt(0);

    const leftMs = client.hangUp();

    expectInTime((await attempt.closed).atMs - leftMs, 100);
  });

  it('after the whole answer was sent is no abandoned call', async () => {
    const requestId = stage.requestId();
    stage.upstream.next(streams(streamFrames()));
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const client = await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body });

    await client.answer;
    client.hangUp();

    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({
      ending: 'complete',
      error_kind: null,
      status: 200,
      usage_source: 'provider',
    });
  });

  it('at the same moment as the provider settles the call once', async () => {
    const requestId = stage.requestId();
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    let arrive!: (client: RawClient) => void;
    const client = new Promise<RawClient>((resolve) => {
      arrive = resolve;
    });
    stage.upstream.next(async (exchange) => {
      (await client).hangUp();
      await cuts(exchange);
    });
    arrive(await RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body }));
    const attempt = await stage.upstream.attempt(0);
    await attempt.closed;

    const row = await stage.gateway.ledger.row(requestId);
    expect(row.ending).toMatch(/^(client_gone|upstream_cut|failed)$/);
    expect((await stage.gateway.ledger.rows()).filter((one) => one.request_id === requestId)).toHaveLength(1);
  });
});
