import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { Gate } from '../../support/gate.js';
import { startPostgres } from '../../support/postgres.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { arrive } from '../arrivals.js';
import { FleetMember } from '../budget/gateway-fleet.js';
import { administrate } from '../budget/tenants.js';
import { lastingPort } from '../lasting-port.js';
import type { Launch } from '../launch.js';
import { atLeast, atMost, exactly, type Figure, percentile, type Report, told } from '../report.js';
import { StubProvider } from '../stub-provider.js';
import { type Later, tidily } from '../tidily.js';

export interface RedisFaultPlan {
  readonly callsPerSecond: number;
  /** Of health before, of each fault, and of the time after it. */
  readonly forMs: number;
  /** What a machine that does other things may add to any promised time. */
  readonly slackMs: number;
}

export const WHOLE_REDIS: RedisFaultPlan = { callsPerSecond: 100, forMs: 20_000, slackMs: 0 };
export const SHORT_REDIS: RedisFaultPlan = { callsPerSecond: 30, forMs: 3_000, slackMs: 0 };

/** All that a call may wait for stores, above what it usually takes. */
const ALLOWED_MS = 250;
const SLOW_MS = 5_000;
const FLAP_MS = 300;
const WARM_UP_MS = 3_000;

type Fault = 'stopped' | 'paused' | 'slowed by 5 s' | 'flapping';
const FAULTS: readonly Fault[] = ['stopped', 'paused', 'slowed by 5 s', 'flapping'];

interface Called {
  readonly atMs: number;
  readonly tookMs: number;
  readonly status: number;
  readonly isBudgeted: boolean;
}

/** A Redis that fails in every way under load: no call hangs, and those under no budget go on. */
export function redisDrill(plan: RedisFaultPlan, launch: Launch): ReadonlyMap<string, () => Promise<Report>> {
  return new Map(FAULTS.map((fault) => [fault, () => tidily((later) => fail(plan, fault, { launch, later }))]));
}

interface Scene {
  redis: RedisServer;
  readonly gate: Gate;
}

async function fail(plan: RedisFaultPlan, fault: Fault, { launch, later }: { launch: Launch; later: Later }): Promise<Report> {
  const postgres = await startPostgres();
  later(() => postgres.stop());
  const scene = await startScene(later);
  const stub = await StubProvider.start();
  later(() => stub.kill());
  const gateway = await FleetMember.make(launch, { databaseUrl: postgres.url, redisUrl: scene.gate.url, providerUrl: stub.baseUrl });
  later(() => gateway.stop());
  const calls = new Calls(gateway.baseUrl);
  later(() => calls.stop());
  await gateway.start();
  await calls.prepare();
  // What nobody counts: everything is done for the first time.
  await calls.load(plan.callsPerSecond, WARM_UP_MS);
  const usualFrom = performance.now();
  await calls.load(plan.callsPerSecond, plan.forMs);
  const faultFrom = performance.now();
  await Promise.all([breakFor(scene, fault, plan.forMs), calls.load(plan.callsPerSecond, plan.forMs)]);
  const faultTo = performance.now();
  // Recovery needs no restart.
  await calls.load(plan.callsPerSecond, plan.forMs + plan.slackMs);
  await calls.settled();
  const figures = figuresOf(plan, calls.done, { usualFrom, faultFrom, faultTo });
  // Where something was missed, its log stays.
  if (figures.every(({ holds }) => holds)) await gateway.remove();
  return { title: `Redis is ${fault} for ${plan.forMs / 1_000} s under ${plan.callsPerSecond} calls/s`, figures };
}

async function startScene(later: Later): Promise<Scene> {
  const redis = await startRedis({ port: await lastingPort() });
  const scene: Scene = { redis, gate: await Gate.before(redis.url) };
  later(() => scene.redis.stop());
  later(() => scene.gate.shut());
  await scene.gate.open();
  return scene;
}

async function breakFor(scene: Scene, fault: Fault, forMs: number): Promise<void> {
  const { gate, redis } = scene;
  if (fault === 'stopped') {
    await redis.stop();
    await sleep(forMs);
    scene.redis = await startRedis({ port: Number(new URL(redis.url).port) });
  } else if (fault === 'paused') {
    process.kill(redis.pid, 'SIGSTOP');
    await sleep(forMs);
    process.kill(redis.pid, 'SIGCONT');
  } else if (fault === 'slowed by 5 s') {
    gate.slow(SLOW_MS);
    await sleep(forMs);
    gate.slow(0);
  } else {
    for (const until = performance.now() + forMs; performance.now() < until;) {
      await gate.shut();
      await sleep(FLAP_MS);
      await gate.open();
      await sleep(FLAP_MS);
    }
  }
}

class Calls {
  readonly done: Called[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly agent = new Agent({ connections: 256 });
  private keys: readonly string[] = [];
  private begun = 0;

  constructor(private readonly baseUrl: string) {}

  /** Two keys, the second with a budget. */
  async prepare(): Promise<void> {
    const [free, budgeted] = await Promise.all(
      ['free', 'budgeted'].map((name) => administrate<{ id: string; key: string }>(this.baseUrl, 'POST', '/keys', { name })),
    );
    const budget = { name: 'drill', scope: 'key', subject: budgeted!.id, period: 'total', limit_usd: '1000000' };
    await administrate(this.baseUrl, 'POST', '/budgets', budget);
    this.keys = [free!.key, budgeted!.key];
    await sleep(1_500);
  }

  load(perSecond: number, forMs: number): Promise<void> {
    return arrive(perSecond, forMs, () => {
      const call = this.call((this.begun += 1) % 2).finally(() => this.underWay.delete(call));
      this.underWay.add(call);
    });
  }

  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  async stop(): Promise<void> {
    await this.agent.destroy();
  }

  private async call(which: number): Promise<void> {
    const atMs = performance.now();
    let status = 0;
    try {
      const answer = await request(`${this.baseUrl}/v1/chat/completions`, {
        dispatcher: this.agent,
        method: 'POST',
        headers: { authorization: `Bearer ${this.keys[which]}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'torture-cheap', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 16 }),
      });
      status = answer.statusCode;
      await answer.body.text();
    } catch {
      // No answer at all is what must not be.
    }
    this.done.push({ atMs, tookMs: performance.now() - atMs, status, isBudgeted: which === 1 });
  }
}

function figuresOf(
  plan: RedisFaultPlan,
  all: readonly Called[],
  at: { usualFrom: number; faultFrom: number; faultTo: number },
): readonly Figure[] {
  const within = (from: number, to: number): readonly Called[] => all.filter(({ atMs }) => atMs >= from && atMs < to);
  const [usual, fault, after] = [within(at.usualFrom, at.faultFrom), within(at.faultFrom, at.faultTo), within(at.faultTo, Infinity)];
  const slowest = (calls: readonly Called[]): number => Math.max(...calls.map(({ tookMs }) => tookMs));
  const usualP99 = percentile(
    usual.map(({ tookMs }) => tookMs),
    0.99,
  );
  const free = fault.filter(({ isBudgeted }) => !isBudgeted);
  const budgeted = fault.filter(({ isBudgeted }) => isBudgeted);
  const last = after.filter(({ atMs }) => atMs > at.faultTo + plan.forMs / 2 + plan.slackMs);
  return [
    told('calls', all.length),
    told('usual p99', `${usualP99.toFixed(1)} ms`),
    atMost(
      'the slowest call in the fault and after it',
      Math.max(slowest(fault), slowest(after)),
      usualP99 + ALLOWED_MS + plan.slackMs,
      ' ms',
    ),
    exactly('calls without an answer', all.filter(({ status }) => status === 0).length, 0),
    exactly('calls of the key without a budget that were not served', free.filter(({ status }) => status !== 200).length, 0),
    exactly(
      'calls under a budget that ended otherwise than served or 503',
      budgeted.filter(({ status }) => status !== 200 && status !== 503).length,
      0,
    ),
    // Else nothing has failed, and nothing was shown.
    atLeast('calls under a budget refused in the fault', budgeted.filter(({ status }) => status === 503).length, 1),
    told('calls under a budget served in the fault', `${budgeted.filter(({ status }) => status === 200).length} of ${budgeted.length}`),
    atLeast('calls in the second half of the time after it', last.length, 1),
    exactly('those that were not served', last.filter(({ status }) => status !== 200).length, 0),
  ];
}
