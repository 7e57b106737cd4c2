import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { CountingProxy, Tripwire } from '../../support/counting-proxy.js';
import { eventually } from '../../support/eventually.js';
import { startPostgres } from '../../support/postgres.js';
import { query } from '../../support/query.js';
import { startRedis } from '../../support/redis.js';
import { FleetMember } from '../budget/gateway-fleet.js';
import { administrate, type Payer, type Tenants, type TortureBudget } from '../budget/tenants.js';
import type { Outcome } from '../budget/torture-clients.js';
import { judge } from '../budget/verdict.js';
import type { Launch } from '../launch.js';
import { atLeast, exactly, type Figure, type Report, told } from '../report.js';
import { type Later, tidily } from '../tidily.js';
import { AnsweringProvider } from './answering-provider.js';

/** Not the embedded Postgres: the way to that is the gateway's own, and no proxy gets in between. */
export type ReachableStores = 'Postgres and Redis' | 'Postgres alone';

export interface StoppedScene {
  readonly stores: ReachableStores;
  readonly answer: 'plain' | 'streamed';
  readonly launch: Launch;
  /** How many messages, from the first on; undefined = all. */
  readonly points?: number;
}

/** A settlement has fewer messages by far. */
const MOST_POINTS = 24;
/** By then whatever a settlement has to say is said: rows and notes wait for others for a tenth of a second. */
const QUIET_MS = 500;
const OVER_MS = 20_000;
/** What was decided is in effect everywhere within a second. */
const EFFECTIVE_MS = 1_500;

/** Room for the worst case of one call, which is held, but not for that and what a call really costs. */
const TIGHT_USD = '0.003';
const NOTHING_USD = '0.000000001';
const MAX_TOKENS = 100;
/** In the row of a call, which has the name that the call was made by, too. */
const CALL_ID = /"call_id":"([^"]+)"/;

/** One call that was about to be settled when its gateway was killed. */
interface Stop {
  readonly call: string;
  /** Which message was the first that did not pass. */
  readonly before: string;
  /** A store had already heard how the call ended, and said so. */
  readonly isKnown: boolean;
}

/** A gateway is killed before the first message that a settlement exchanges with a store, then before the second, and so on to the last. */
export function stoppedAnywhere(scene: StoppedScene): Promise<Report> {
  return tidily((later) => run(scene, later));
}

async function run(scene: StoppedScene, later: Later): Promise<Report> {
  const postgres = await startPostgres();
  later(() => postgres.stop());
  const redis = scene.stores === 'Postgres and Redis' ? await startRedis() : undefined;
  later(() => redis?.stop());
  const drill = await Drill.set(scene, { databaseUrl: postgres.url, redisUrl: redis?.url }, later);
  const { stops, wholeRuns } = await drill.stopEverywhere();
  if (redis) await endLeases(redis.url);
  const { journal, outcomes, tenants, baseUrl } = drill;
  const figures = [
    atLeast('points at which the gateway was killed', stops.length, 4),
    told('in front of a message', stops.map(({ before }) => before).join(', ')),
    exactly('runs that passed without a kill', wholeRuns, scene.points === undefined ? 1 : 0),
    exactly('attempts at the provider beside one for each run', journal.length - stops.length - wholeRuns, 0),
    ...(await judge({ journal, outcomes, tenants, databaseUrl: postgres.url, baseUrl, leasesEndAt: 0 })),
    ...(await ownFigures(stops, postgres.url)),
  ];
  // Where something was missed, the log stays.
  if (figures.every(({ holds }) => holds)) await drill.removeGateway();
  return { title: `${scene.stores}: the gateway is killed at each message of the settlement of a ${scene.answer} call`, figures };
}

interface StoppedRow {
  readonly request_id: string;
  readonly usage_source: string;
  readonly budgets: readonly string[] | null;
}

async function ownFigures(stops: readonly Stop[], databaseUrl: string): Promise<readonly Figure[]> {
  const rows = await query<StoppedRow>(databaseUrl, 'SELECT request_id, usage_source, budgets FROM ledger');
  const isGuessed = (call: string): boolean => rows.some((row) => row.request_id === call && row.usage_source !== 'provider');
  return [
    exactly('rows that are charged to no budget', rows.filter(({ budgets }) => budgets?.length !== 1).length, 0),
    exactly(
      'calls of which a store knew how they ended and the row is a guess',
      stops.filter((stop) => stop.isKnown && isGuessed(stop.call)).length,
      0,
    ),
    atLeast('calls of which only their gateway knew how they ended', stops.filter(({ isKnown }) => !isKnown).length, 1),
    atLeast('calls of which a store knew it', stops.filter(({ isKnown }) => isKnown).length, 1),
  ];
}

/** As if all who are named had said nothing for the length of their lease. Who lives says that it does. */
async function endLeases(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for (const owners of await redis.keys('*:owners')) {
      for (const owner of await redis.zrange(owners, 0, '-1')) await redis.zadd(owners, 1, owner);
    }
  } finally {
    redis.disconnect();
  }
}

interface Addresses {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}

class Drill {
  readonly outcomes: Outcome[] = [];

  private constructor(
    private readonly scene: StoppedScene,
    private readonly databaseUrl: string,
    private readonly wire: Tripwire,
    private readonly provider: AnsweringProvider,
    private readonly gateway: FleetMember,
    readonly tenants: Tenants,
  ) {}

  static async set(scene: StoppedScene, { databaseUrl, redisUrl }: Addresses, later: Later): Promise<Drill> {
    const wire = new Tripwire();
    const behindWire = async (url: string, name: string): Promise<string> => {
      const proxy = await CountingProxy.before(url, name, wire);
      later(() => proxy.stop());
      return proxy.url;
    };
    const stores = {
      databaseUrl: await behindWire(databaseUrl, 'Postgres'),
      directUrl: databaseUrl,
      redisUrl: redisUrl && (await behindWire(redisUrl, 'Redis')),
    };
    let at = 0;
    const provider = await AnsweringProvider.start((mark) => {
      at += 1;
      wire.set({ at, mark, alias: CALL_ID, trip: () => void gateway.kill() });
    });
    later(() => provider.stop());
    const gateway = await FleetMember.make(scene.launch, { ...stores, providerUrl: provider.baseUrl });
    later(() => gateway.stop());
    await gateway.start();
    const tenants = await settlePayers(gateway.baseUrl);
    await sleep(EFFECTIVE_MS);
    return new Drill(scene, databaseUrl, wire, provider, gateway, tenants);
  }

  get journal(): AnsweringProvider['journal'] {
    return this.provider.journal;
  }

  get baseUrl(): string {
    return this.gateway.baseUrl;
  }

  /** Of the k-th call the k-th message is stopped, until there is none; then one more call meets its limit. */
  async stopEverywhere(): Promise<{ readonly stops: readonly Stop[]; readonly wholeRuns: number }> {
    const [penniless, ...payers] = this.tenants.payers;
    const stops: Stop[] = [];
    let wholeRuns = 0;
    for (const payer of payers.slice(0, this.scene.points)) {
      const stop = await this.run(payer);
      if (!stop) {
        wholeRuns += 1;
        break;
      }
      stops.push(stop);
      await this.gateway.start();
    }
    await this.call(penniless!);
    return { stops, wholeRuns };
  }

  async removeGateway(): Promise<void> {
    await this.gateway.remove();
  }

  /** Undefined where nothing was left to be stopped. */
  private async run(payer: Payer): Promise<Stop | undefined> {
    const { wire } = this;
    const { id: call, status } = await this.call(payer);
    if (status !== 200 && status !== 0) throw new Error(`There is nothing to be settled: the call was answered ${status}.`);
    await eventually(async () => wire.stopped !== undefined || (wire.quietMs > QUIET_MS && (await this.hasRow(call))), OVER_MS);
    const { stopped, isKnown } = wire;
    if (stopped !== undefined) await this.gateway.kill();
    wire.clear();
    return stopped === undefined ? undefined : { call, before: stopped, isKnown };
  }

  private async hasRow(call: string): Promise<boolean> {
    return (await query(this.databaseUrl, `SELECT 1 FROM ledger WHERE request_id = '${call}'`)).length > 0;
  }

  private async call(payer: Payer): Promise<Outcome> {
    const { outcomes, scene } = this;
    const id = `stopped-${outcomes.length + 1}-of-${process.pid}`;
    const startedAt = performance.now();
    const headers = { authorization: `Bearer ${payer.key}`, 'content-type': 'application/json', 'x-request-id': id };
    const messages = [{ role: 'user', content: `call:${id} and nothing else` }];
    const body = JSON.stringify({ model: 'torture-cheap', messages, max_tokens: MAX_TOKENS, stream: scene.answer === 'streamed' });
    let status = 0;
    try {
      const answer = await request(`${this.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body });
      await answer.body.text();
      status = answer.statusCode;
    } catch {
      // The gateway was killed.
    }
    const outcome = { id, payer, status, tookMs: performance.now() - startedAt };
    outcomes.push(outcome);
    return outcome;
  }
}

/** The first can pay for nothing, and each other for one call. */
async function settlePayers(baseUrl: string): Promise<Tenants> {
  const payers: Payer[] = [];
  const budgets: TortureBudget[] = [];
  for (let at = 0; at <= MOST_POINTS; at += 1) {
    const limit = at === 0 ? NOTHING_USD : TIGHT_USD;
    const { id: subject, key } = await administrate<{ id: string; key: string }>(baseUrl, 'POST', '/keys', { name: `stopped ${at}` });
    const order = { name: `key ${at}`, scope: 'key', subject, period: 'total', limit_usd: limit };
    const { id } = await administrate<{ id: string }>(baseUrl, 'POST', '/budgets', order);
    payers.push({ key, user: undefined, budgets: [id] });
    budgets.push({ id, name: order.name, limitNanoUsd: BigInt(Math.round(Number(limit) * 1e9)) });
  }
  return { payers, budgets };
}
