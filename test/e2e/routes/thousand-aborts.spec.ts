import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TargetHealths } from '../../../src/routing/index.js';
import { eventually } from '../../support/eventually.js';
import { expectInTime } from '../../support/in-time.js';
import { rawRequest } from '../../support/raw-client.js';
import { hangs, streams } from '../../support/upstream/behaviours.js';
import { Unreachable } from '../../support/upstream/unreachable.js';
import { FRAMES, good, RouteStage, type Asking } from './route-stage.js';

/** At each of four stages, together a thousand. */
const EACH = 250;
const PLACES = 125;
/** From a client's hang-up to the closed socket of its provider. */
const PROMISED_MS = 100;
const BEGUN = FRAMES.slice(0, 2);

describe('a thousand abandoned calls leave no socket, no place and no call without its row', () => {
  let addresses: Unreachable;
  beforeAll(async () => {
    addresses = await Unreachable.open();
  });
  const patient = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 20_000 };
  const stage = RouteStage.set({
    providers: {
      wide: { timeouts: patient },
      narrow: { timeouts: patient, maxConcurrency: PLACES },
      deaf: { at: () => addresses.deafToTls, timeouts: { ...patient, connectMs: 1_000 } },
    },
    // A key whose abandoned calls still counted would be refused in the second test.
    config: { retry: { maxAttempts: 3, baseMs: 1 }, limits: { concurrency: EACH + PLACES } },
  });
  afterAll(() => addresses.close());

  const begin = (count: number, model: string): Promise<Asking[]> =>
    Promise.all(Array.from({ length: count }, () => stage.begin(model, { stream: true })));

  /** All at the same moment. Returns when that was, as soon as each has its row. */
  async function abandon(asking: readonly Asking[]): Promise<number> {
    const leftMs = performance.now();
    for (const { client } of asking) client.hangUp();
    for (const { requestId } of asking) {
      expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ending: 'client_gone', error_kind: 'client_closed' });
    }
    return leftMs;
  }

  async function expectNothingLeft(): Promise<void> {
    await eventually(() => [...stage.upstreams.values(), addresses].every(({ openSockets }) => openSockets === 0));
    const inHand = [...stage.gateway.app.get(TargetHealths).all()].map(({ breaker }) => breaker.inFlight);
    expect(Math.max(...inHand)).toBe(0);
  }

  function expectClosedAtOnce(name: 'wide' | 'narrow', leftMs: number): void {
    for (const { closure } of stage.upstream(name).attempts) expectInTime(closure!.atMs - leftMs, PROMISED_MS);
  }

  it('while their provider is silent', async () => {
    stage.upstream('wide').always(hangs);
    const asking = await begin(EACH, 'wide-model');
    await stage.upstream('wide').attempt(EACH - 1);

    const leftMs = await abandon(asking);

    await expectNothingLeft();
    expectClosedAtOnce('wide', leftMs);
    expect(stage.asked()['wide']).toBe(EACH);
  });

  it('in the middle of their streams', async () => {
    stage.upstream('wide').always(streams(BEGUN, { finally: hangs }));
    const asking = await begin(EACH, 'wide-model');
    for (const { client } of asking) await client.until((body) => body.length >= BEGUN.join('').length);

    const leftMs = await abandon(asking);

    await expectNothingLeft();
    expectClosedAtOnce('wide', leftMs);
    expect(stage.asked()['wide']).toBe(EACH);
  });

  it('while their provider is being connected to', async () => {
    const asking = await begin(EACH, 'deaf-model');
    await eventually(() => addresses.openSockets > 0);

    await abandon(asking);

    await expectNothingLeft();
  });

  it('while they wait for a place', async () => {
    stage.upstream('narrow').always(hangs);
    for (let round = 0; round < EACH / PLACES; round += 1) {
      stage.upstream('narrow').attempts = [];
      const holding = await begin(PLACES, 'narrow-model');
      await stage.upstream('narrow').attempt(PLACES - 1);
      const waiting = await begin(PLACES, 'narrow-model');
      // What comes after them finds them waiting.
      await rawRequest(stage.gateway.baseUrl, { path: '/health/live' });

      await abandon(waiting);
      const leftMs = await abandon(holding);

      await expectNothingLeft();
      expectClosedAtOnce('narrow', leftMs);
      // Who waited was given up where it stood.
      expect(stage.asked()['narrow']).toBe(PLACES);
    }
  });

  it('and all the places are there for others', async () => {
    stage.upstream('narrow').always(good);

    const asking = await begin(2 * PLACES, 'narrow-model');

    const answers = await Promise.all(asking.map(({ client }) => client.answer));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});
