import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { Secret } from '../../src/platform/config/secret.js';
import { Gateways } from '../../src/platform/gateways/gateways.js';
import { GatewaysStore } from '../../src/platform/gateways/gateways.store.js';
import { testConfig } from '../support/config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Gate } from '../support/gate.js';
import { openReplica, type Replica } from '../support/replica.js';

const REDIS = 'redis://127.0.0.1:1';

describe('the gateways that share a database', () => {
  let target: TestDatabase;
  let gate: Gate;
  let replica: Replica;
  const started: Gateways[] = [];

  beforeEach(async () => {
    target = await createDatabase();
    gate = await Gate.before(target.url);
    await gate.open();
    replica = await openReplica(gate.url);
  });

  afterEach(async () => {
    for (const gateways of started.splice(0)) await gateways.onApplicationShutdown();
    await replica.stop();
    await gate.shut();
    await target.drop();
  });

  async function start({ redis }: { redis: string | undefined } = { redis: REDIS }): Promise<Gateways> {
    const config = testConfig({ redis: { url: redis === undefined ? undefined : new Secret(redis) } });
    const gateways = new Gateways(new GatewaysStore(replica.prisma), replica.database, config, systemClock);
    started.push(gateways);
    await gateways.onModuleInit();
    return gateways;
  }

  const rows = () => replica.prisma.gateway.findMany({ orderBy: { startedAt: 'asc' } });

  /** By the database's clock, as if it had said nothing for so many seconds. */
  async function silence({ id }: { readonly id: string }, seconds: number): Promise<void> {
    await replica.prisma
      .$executeRaw`UPDATE gateways SET seen_at = clock_timestamp() - make_interval(secs => ${seconds}) WHERE id = ${id}::uuid`;
  }

  it('know of each other as soon as they have started', async () => {
    const one = await start();
    expect([await one.living(), one.lastSeen]).toEqual([[one.id], 1]);

    const two = await start();

    expect((await one.living()).toSorted()).toEqual([one.id, two.id].toSorted());
    expect(two.lastSeen).toBe(2);
    await one.beat();
    expect(one.lastSeen).toBe(2);
  });

  it('take one for dead that has said nothing for 15 s by the clock of the database, until it says something', async () => {
    const [one, two] = [await start(), await start()];

    await silence(two, 14);
    expect(await one.living()).toHaveLength(2);
    await silence(two, 16);
    expect(await one.living()).toEqual([one.id]);
    await one.beat();
    expect(one.lastSeen).toBe(1);

    await two.beat();
    expect(await one.living()).toHaveLength(2);
  });

  it('count themselves among the living, whatever the database thinks', async () => {
    const one = await start();
    await silence(one, 60);

    expect(await one.living()).toEqual([one.id]);
  });

  it('forget those that stopped in order at once, and those that did not after a day', async () => {
    const [one, two, three] = [await start(), await start(), await start()];
    await silence(three, 86_401);

    await two.onApplicationShutdown();
    await one.beat();

    expect((await rows()).map(({ id }) => id)).toEqual([one.id]);
  });

  it('keep when they started, beat after beat', async () => {
    const one = await start();
    const [before] = await rows();
    await one.beat();
    const [after] = await rows();

    expect(after!.startedAt).toEqual(before!.startedAt);
    expect(after!.seenAt.getTime()).toBeGreaterThanOrEqual(before!.seenAt.getTime());
  });

  it('cannot tell while the database is away, but know how many there were', async () => {
    const [, two] = [await start(), await start()];
    await gate.shut();

    await expect(two.living()).rejects.toThrow();
    await two.beat();

    expect(two.lastSeen).toBe(2);
    await gate.open();
  });

  it('are alone without Redis, and write nothing', async () => {
    await start();
    const alone = await start({ redis: undefined });

    expect([await alone.living(), alone.lastSeen]).toEqual([[alone.id], 1]);
    expect((await rows()).map(({ id }) => id)).not.toContain(alone.id);
  });
});
