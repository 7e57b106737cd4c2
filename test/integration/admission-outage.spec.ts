import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { pino } from 'pino';
import type { Caller } from '../../src/core/caller.js';
import { Settlement, type Settled } from '../../src/core/settlement.js';
import { NO_USAGE } from '../../src/core/usage.js';
import type { Hold } from '../../src/limits/admission.js';
import type { Bound } from '../../src/limits/bounds.js';
import { LocalAdmission } from '../../src/limits/local-admission.js';
import { RedisAdmission } from '../../src/limits/redis-admission.js';
import { RedisStore } from '../../src/limits/redis/redis-store.js';
import { createRedis } from '../../src/platform/index.js';
import { budget, calls, requests, TENANT } from '../support/admission-harness.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { describeWithRedis } from '../support/redis-db.js';
import { type RedisServer, startRedis } from '../support/redis.js';

/** The client gives up after 100 ms. */
const IN_TIME_MS = 150;
const REST_MS = 1_000;
const CALLER: Caller = { keyId: 'k 1', keyName: 'k', role: 'client', tenant: TENANT };

describeWithRedis('admission while Redis fails', () => {
  let server: RedisServer;
  let redis: NonNullable<ReturnType<typeof createRedis>>;

  beforeEach(async () => {
    server = await startRedis();
    redis = createRedis(server.url)!;
    if (redis.status !== 'ready') await once(redis, 'ready');
  });

  afterEach(async () => {
    for (const admission of admissions.splice(0)) await admission.onApplicationShutdown();
    redis.disconnect();
    await server.stop();
  });

  it('limits rates in this process when Redis is killed, says so once, and counts in Redis again when it is back', async () => {
    const gateway = gatewayWith([requests(3)]);
    await gateway.admit();
    const { port } = new URL(server.url);
    await server.stop();

    const outcomes = [];
    for (let call = 0; call < 5; call += 1) {
      gateway.clock.ms += REST_MS / 4;
      outcomes.push(await inTime(IN_TIME_MS, gateway.outcome));
    }
    server = await startRedis({ port: Number(port) });
    if (redis.status !== 'ready') await once(redis, 'ready');
    gateway.clock.ms += REST_MS;
    const after = await gateway.admit();

    expect(outcomes).toEqual(['admitted', 'admitted', 'admitted', 'rate_limited', 'rate_limited']);
    expect(after.requests).toMatchObject({ remaining: 2 });
    expect(await gateway.used()).toEqual([1n]);
    expect(gateway.events).toEqual(['admission_store_down', 'admission_store_up']);
  });

  it('does not wait for a Redis that hangs, and takes back what it may have admitted', async () => {
    const gateway = gatewayWith([requests(10), calls(10)]);
    await gateway.admit();
    process.kill(server.pid, 'SIGSTOP');
    try {
      expect(await inTime(IN_TIME_MS, gateway.outcome)).toBe('admitted');
      expect(gateway.admit()).not.toBeInstanceOf(Promise);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }

    if (redis.status !== 'ready') await once(redis, 'ready');
    await eventually(async () => (await gateway.used()).every((used) => used === 1n));
    expect(gateway.events).toEqual(['admission_store_down']);
  });

  it('settles when Redis is back what was admitted before', async () => {
    const gateway = gatewayWith([calls(10), budget(1_000n)]);
    const hold = await gateway.admit();
    process.kill(server.pid, 'SIGSTOP');
    try {
      const settlement = new Settlement();
      settlement.settle({ record: { usage: NO_USAGE, costNanoUsd: 70n } as Settled['record'], line: '' });
      gateway.admission.settle(hold, settlement);
      // The settlement goes out while the first of them waits, so after the second it has failed.
      for (let times = 0; times < 2; times += 1) await expect(redis.ping()).rejects.toThrow();
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }

    await eventually(async () => (await gateway.used()).join() === '0,70');
  });

  it('refuses calls under a budget as long as nobody knows what is left of it', async () => {
    const gateway = gatewayWith([requests(10), budget(1_000n)], 'closed');
    await gateway.admit();
    process.kill(server.pid, 'SIGSTOP');

    expect(await inTime(IN_TIME_MS, gateway.outcome)).toBe('service_unavailable');
    expect(await inTime(IN_TIME_MS, gateway.outcome)).toBe('service_unavailable');
  });

  it('lets them go on where the operator prefers that, within their rates', async () => {
    const gateway = gatewayWith([requests(1), budget(1_000n)], 'open');
    process.kill(server.pid, 'SIGSTOP');

    expect(await inTime(IN_TIME_MS, gateway.outcome)).toBe('admitted');
    expect(await inTime(IN_TIME_MS, gateway.outcome)).toBe('rate_limited');
  });

  it('ends what a replica left that has died, and keeps its own', async () => {
    const [dead, alive] = [gatewayWith([calls(10)]), gatewayWith([calls(10)])];
    await dead.admit();
    await alive.admit();
    // As if the dead one had said nothing for the length of its lease.
    for (const key of await redis.keys('*:owners')) await redis.zadd(key, 0, dead.owner);

    await alive.admission.beat();

    expect(await alive.used()).toEqual([1n]);
    expect(alive.events).toEqual(['holds_reaped']);
  });

  const admissions: RedisAdmission[] = [];
  let replicas = 0;

  function gatewayWith(bounds: readonly Bound[], whenDown: 'open' | 'closed' = 'closed') {
    const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
    const events: string[] = [];
    const log = pino({}, { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
    const boundsOf = () => bounds;
    const owner = `replica-${(replicas += 1)}`;
    const shared = new RedisStore(redis);
    const config = { redis: { url: undefined, cacheUrl: undefined, whenDown } };
    const local = new LocalAdmission(boundsOf, clock);
    const admission = new RedisAdmission({ shared, local, boundsOf, owner, config, clock, log });
    admissions.push(admission);
    let count = 0;
    const request = { raw: Buffer.alloc(0), parsed: {}, choices: 1 };
    const admit = () => admission.admit({ callId: `${owner}-${(count += 1)}`, caller: CALLER, request });
    const outcome = async (): Promise<string> => {
      try {
        await admit();
        return 'admitted';
      } catch (error) {
        return (error as { kind: string }).kind;
      }
    };
    const used = async () => (await shared.look(TENANT, bounds)).map((reading) => reading.used);
    return { admission, admit: admit as () => Hold & Promise<Hold>, outcome, used, clock, events, owner };
  }
});
