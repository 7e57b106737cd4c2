import { describe, expect, it } from '@jest/globals';
import { expectInTime } from '../../support/in-time.js';
import { rawRequest } from '../../support/raw-client.js';
import { Pace } from '../../support/upstream.js';
import { after, answers, drips, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { RouteStage } from './route-stage.js';

const BOUND_MS = 700;
const USAGE = { usage_source: 'provider', input_tokens: 200, cache_read_tokens: 1000, output_tokens: 80 };
const GONE = { ending: 'client_gone', error_kind: 'client_closed' };

describe('with ON_CLIENT_ABORT=drain an abandoned call', () => {
  const patient = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 20_000 };
  const stage = RouteStage.set({
    providers: {
      usual: { timeouts: patient },
      bounded: { timeouts: { ...patient, totalMs: BOUND_MS } },
      narrow: { timeouts: patient, maxConcurrency: 1 },
    },
    config: { billing: { onClientAbort: 'drain' } },
  });

  it('is read on in the middle of its stream, and is charged what the provider reports in the end', async () => {
    const pace = new Pace();
    stage.upstream('usual').next(streams(streamFrames(), { pace }));
    pace.step(2);
    const { client, requestId } = await stage.begin('usual-model', { stream: true });
    await client.until((body) => body.length > 0);

    client.hangUp();
    pace.run();

    expect((await (await stage.upstream('usual').attempt(0)).closed).wholeAnswer).toBe(true);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ...GONE, ...USAGE, status: 200 });
  });

  it.each([
    ['a stream', true, streams(streamFrames())],
    ['a plain call', false, answers(completion())],
  ])('is read on that has no answer yet: %s', async (_, stream, behaviour) => {
    let answer!: () => void;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    stage.upstream('usual').next(after(asked, behaviour));
    const { client, requestId } = await stage.begin('usual-model', { stream });
    const attempt = await stage.upstream('usual').attempt(0);

    client.hangUp();
    // What comes after the hang-up finds that it has happened.
    await rawRequest(stage.gateway.baseUrl, { path: '/health/live' });
    answer();

    expect((await attempt.closed).wholeAnswer).toBe(true);
    const row = await stage.gateway.ledger.row(requestId);
    expect(row).toMatchObject(USAGE);
    expect(row.ending).toBe('client_gone');
  });

  it('is not read for longer than its provider may take', async () => {
    stage.upstream('bounded').next(drips(streamFrames()[1]!, 20, 1_000));
    const { client, requestId } = await stage.begin('bounded-model', { stream: true });
    await client.until((body) => body.length > 0);
    const attempt = await stage.upstream('bounded').attempt(0);

    const leftMs = client.hangUp();

    const closure = await attempt.closed;
    expect(closure.wholeAnswer).toBe(false);
    expectInTime(closure.atMs - leftMs, BOUND_MS);
    const row = await stage.gateway.ledger.row(requestId);
    expect(row).toMatchObject({ ending: 'client_gone', usage_source: 'counted' });
    expect(row.output_tokens).toBeGreaterThan(0);
  });

  it('that still waits for a place is given up: nobody has worked for it', async () => {
    let letGo!: () => void;
    const opened = new Promise<void>((resolve) => (letGo = resolve));
    stage.upstream('narrow').always(after(opened, answers(completion())));
    const holder = await stage.begin('narrow-model');
    await stage.upstream('narrow').attempt(0);
    const { client, requestId } = await stage.begin('narrow-model');

    client.hangUp();

    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ...GONE, output_tokens: 0 });
    letGo();
    expect((await holder.client.answer).status).toBe(200);
    expect(stage.asked()['narrow']).toBe(1);
  });
});
