import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Bound } from '../../src/limits/bounds.js';
import { budget, calls, requests } from '../support/admission-harness.js';
import { AdmissionReplica, SharedLedger } from '../support/admission-replica.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { describeWithRedis } from '../support/redis-db.js';
import { type RedisServer, startRedis } from '../support/redis.js';

/** The client gives up after 100 ms, and a call waits as long for a shard that is rebuilt. */
const IN_TIME_MS = 250;
const REST_MS = 1_000;

describeWithRedis('admission while Redis fails', () => {
  let server: RedisServer;
  let living: Set<string>;
  let replicas: AdmissionReplica[];

  beforeEach(async () => {
    server = await startRedis();
    living = new Set();
    replicas = [];
  });

  afterEach(async () => {
    process.kill(server.pid, 'SIGCONT');
    await Promise.all(replicas.map((one) => one.stop()));
    await server.stop();
  });

  async function replica(bounds: readonly Bound[], ledger = new SharedLedger(bounds), whenDown: 'open' | 'closed' = 'closed') {
    const made = new AdmissionReplica({ url: server.url, bounds, ledger, living, whenDown });
    replicas.push(made);
    return made.start();
  }

  async function restart(): Promise<void> {
    const { port } = new URL(server.url);
    await server.stop();
    server = await startRedis({ port: Number(port) });
  }

  it('limits rates in this process when Redis is killed, says so once, and counts in Redis again when it is back', async () => {
    const one = await replica([requests(3)]);
    await one.admit();
    const { port } = new URL(server.url);
    await server.stop();

    const outcomes = [];
    for (let call = 0; call < 5; call += 1) {
      one.clock.ms += REST_MS / 4;
      outcomes.push(await inTime(IN_TIME_MS, () => one.outcome()));
    }
    server = await startRedis({ port: Number(port) });
    await eventually(() => one.reads('0'));
    one.clock.ms += REST_MS;
    await one.admit();

    expect(outcomes).toEqual(['admitted', 'admitted', 'admitted', 'rate_limited', 'rate_limited']);
    expect(await one.used()).toEqual([1n]);
    expect(one.events).toEqual(['admission_store_down', 'admission_store_up']);
  });

  it('does not wait for a Redis that hangs, and takes back what it may have admitted', async () => {
    const one = await replica([requests(10), calls(10)]);
    await one.admit();
    process.kill(server.pid, 'SIGSTOP');
    expect(await inTime(IN_TIME_MS, () => one.outcome())).toBe('admitted');
    expect(one.admit()).not.toBeInstanceOf(Promise);
    process.kill(server.pid, 'SIGCONT');

    await eventually(async () => (await one.used()).every((used) => used === 1n));
    expect(one.events[0]).toBe('admission_store_down');
  });

  it('drops what it knew before, once the shards that had lost it are open again', async () => {
    const bounds = [budget(1_000n)];
    const ledger = new SharedLedger(bounds);
    const one = new AdmissionReplica({ url: server.url, bounds, ledger, living, sweepAfterMs: 1 });
    replicas.push(await one.start());
    await one.admit(100n);
    const client = new Redis(server.url);
    const [before] = await client.keys('tollgate:*:g*:hold:*');
    await client.del(before!.replace(/g\d+:.*/, 'epoch'));

    await eventually(async () => (await one.outcome(0n)) === 'admitted');
    await eventually(async () => (await client.exists(before!)) === 0);

    expect((await client.keys('tollgate:*:g*:hold:*')).length).toBeGreaterThanOrEqual(2);
    client.disconnect();
  });

  it('settles when Redis is back what was admitted before', async () => {
    const one = await replica([calls(10), budget(1_000n)]);
    const hold = await one.admit(300n);
    process.kill(server.pid, 'SIGSTOP');
    one.settle(hold, 70n);
    // The settlement goes out while the first of them waits, so after the second it has failed.
    for (let times = 0; times < 2; times += 1) await expect(one.redis.get('x')).rejects.toThrow();
    process.kill(server.pid, 'SIGCONT');

    await eventually(() => one.reads('0,70'));
  });

  it('refuses calls under a budget as long as nobody knows what is left of it', async () => {
    const one = await replica([requests(10), budget(1_000n)]);
    await one.admit();
    process.kill(server.pid, 'SIGSTOP');

    expect(await inTime(IN_TIME_MS, () => one.outcome())).toBe('service_unavailable');
    expect(await inTime(IN_TIME_MS, () => one.outcome())).toBe('service_unavailable');
  });

  it('lets them go on where the operator prefers that, within their rates, and charges them when it is back', async () => {
    const bounds = [requests(1), budget(1_000n)];
    const one = await replica(bounds, new SharedLedger(bounds), 'open');
    process.kill(server.pid, 'SIGSTOP');
    const hold = await one.admit(400n);
    expect(await one.outcome(400n)).toBe('rate_limited');
    one.settle(hold, 150n);
    process.kill(server.pid, 'SIGCONT');

    await eventually(() => one.reads('0,150'));
  });

  it('knows after a Redis that has forgotten everything what was spent, and what every replica holds', async () => {
    const bounds = [calls(10), budget(1_000n)];
    const ledger = new SharedLedger(bounds);
    const [one, other] = [await replica(bounds, ledger), await replica(bounds, ledger)];
    one.settle(await one.admit(300n), 120n);
    const [held, longHeld] = [await one.admit(200n), await other.admit(100n)];

    await restart();
    await eventually(() => one.reads('2,420'));
    // What is over by now, and what is still held, is charged once each.
    one.settle(held, 50n);
    other.settle(longHeld, 100n);

    await eventually(() => one.reads('0,270'));
    expect(await one.outcome(731n)).toBe('budget_exhausted');
    expect(await other.outcome(730n)).toBe('admitted');
  });

  it('charges once a call that ended while nobody could be told', async () => {
    const bounds = [budget(1_000n)];
    const one = await replica(bounds);
    const hold = await one.admit(300n);
    const { port } = new URL(server.url);
    await server.stop();
    one.settle(hold, 120n);
    server = await startRedis({ port: Number(port) });

    await eventually(() => one.reads('120'));
    expect(await one.outcome(881n)).toBe('budget_exhausted');
    expect(await one.outcome(880n)).toBe('admitted');
  });

  it('admits nothing under a budget before a replica that lives has said what it holds', async () => {
    const bounds = [budget(1_000n)];
    const ledger = new SharedLedger(bounds);
    const one = await replica(bounds, ledger);
    living.add('silent');

    await restart();
    await one.redis.whenReady(5_000);
    expect(await one.outcome(1n)).toBe('service_unavailable');
    living.delete('silent');

    await eventually(async () => (await one.outcome(1n)) === 'admitted');
  });

  it('leaves what a dead replica held to another, again and again until that has ended it', async () => {
    const bounds = [calls(10), budget(1_000n)];
    const [dead, heir] = [await replica(bounds), await replica(bounds)];
    const hold = await dead.admit(300n);
    const redis = heir.store;
    await expireOwners(heir);

    const [first, again] = [await heir.admission.inherit(), await heir.admission.inherit()];
    expect(first.holds).toEqual([
      { callId: hold.callId, tenant: hold.tenant, worst: { tokens: 0, costNanoUsd: 300n }, memo: `memo of ${hold.callId}` },
    ]);
    expect(again).toEqual(first);
    await heir.admission.interrupt(first.holds[0]!, { tokens: 0, costNanoUsd: 300n });

    expect((await heir.admission.inherit()).holds).toEqual([]);
    expect(await heir.used()).toEqual([0n, 300n]);
    expect(redis.closed).toEqual([]);
  });

  /** As if all others had said nothing for the length of their lease. */
  async function expireOwners({ redis, id }: AdmissionReplica): Promise<void> {
    const script = `
      for _, key in ipairs(redis.call('KEYS', '*owners')) do
        for _, owner in ipairs(redis.call('ZRANGE', key, 0, -1)) do
          if owner ~= ARGV[1] then redis.call('ZADD', key, 0, owner) end
        end
      end`;
    await redis.eval(script, 0, id);
  }
});
