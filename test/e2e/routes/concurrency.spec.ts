import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { expectInTime } from '../../support/in-time.js';
import { rawRequest } from '../../support/raw-client.js';
import { after } from '../../support/upstream/behaviours.js';
import { errorOf } from '../wire-error.js';
import { alias, good, RouteStage, type Asking } from './route-stage.js';

/** Of the longest wait for a place. */
const WAIT_MS = 1_000;
/** As many may wait for the only place. */
const QUEUE = 8;
const TOO_MANY = 4;

describe('a provider with one place', () => {
  const stage = RouteStage.set({
    providers: { narrow: { maxConcurrency: 1 }, wide: {} },
    models: [alias('alone', ['narrow']), alias('both', ['narrow', 'wide'])],
    config: { retry: { maxAttempts: 3, baseMs: 1, budgetRatio: 0 } },
  });

  /** A call that has the place until it is let go. */
  async function occupied(): Promise<{ readonly holder: Asking; letGo(): void }> {
    let letGo!: () => void;
    const opened = new Promise<void>((resolve) => (letGo = resolve));
    stage.upstream('narrow').next(after(opened, good));
    const holder = await stage.begin('alone');
    await stage.upstream('narrow').attempt(0);
    return { holder, letGo };
  }

  const begin = (count: number): Promise<Asking[]> => Promise.all(Array.from({ length: count }, () => stage.begin('alone')));

  it('lets others wait for it, and takes them as it is free', async () => {
    stage.upstream('narrow').always(good);
    const { holder, letGo } = await occupied();
    const waiting = await begin(3);
    // What comes after them finds them waiting.
    await rawRequest(stage.gateway.baseUrl, { path: '/health/live' });

    const asked = stage.asked();
    letGo();
    const answers = await Promise.all([holder, ...waiting].map(({ client }) => client.answer));

    expect(asked['narrow']).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(stage.asked()['narrow']).toBe(4);
  });

  it('refuses at once who finds the queue full, and says when to come back', async () => {
    stage.upstream('narrow').always(good);
    const { holder, letGo } = await occupied();
    const all = await begin(QUEUE + TOO_MANY);
    let refusals = 0;
    const outcomes = all.map(async ({ client }) => {
      const answer = await client.answer;
      if (answer.status !== 200 && ++refusals === TOO_MANY) letGo();
      return answer;
    });

    const answers = await Promise.all(outcomes);
    await holder.client.answer;

    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: TOO_MANY }, () => 503));
    for (const answer of refused) {
      expect(errorOf(answer)).toMatchObject({ code: 'upstream_unavailable', message: expect.stringContaining('1 call') });
      expect(answer.headers['retry-after']).toBe('1');
    }
  });

  it('lets nobody wait for long', async () => {
    const { holder, letGo } = await occupied();
    const startMs = performance.now();

    const { answer, row } = await stage.ask('alone');

    expectInTime(performance.now() - startMs, WAIT_MS);
    expect(answer.status).toBe(503);
    expect(row).toMatchObject({ status: 503, ending: 'failed', error_kind: 'upstream_unavailable' });
    letGo();
    expect((await holder.client.answer).status).toBe(200);
  });

  it('has its calls answered by another that has places', async () => {
    const { holder, letGo } = await occupied();
    stage.upstream('wide').always(good);

    const { answer } = await stage.ask('both');

    expect(answer.status).toBe(200);
    expect(answer.headers['x-tollgate-provider']).toBe('wide');
    letGo();
    await holder.client.answer;
  });

  it('forgets who has left the queue', async () => {
    stage.upstream('narrow').always(good);
    const { holder, letGo } = await occupied();
    for (const { client } of await begin(QUEUE)) client.hangUp();
    const late = await begin(QUEUE);

    await eventually(() => stage.upstream('narrow').attempts.length === 1);
    letGo();

    expect((await holder.client.answer).status).toBe(200);
    for (const { client } of late) expect((await client.answer).status).toBe(200);
  });
});
