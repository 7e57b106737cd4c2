import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_MS } from '../../../src/limits/admission-store.js';
import { SUPERUSER } from '../../../src/platform/database/embedded/cluster.js';
import { findHome } from '../../../src/platform/database/embedded/home.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import type { Launch } from '../launch.js';
import { atLeast, type Report, told } from '../report.js';
import { type Later, tidily } from '../tidily.js';
import { BillingStub } from './billing-stub.js';
import type { BudgetPlan } from './budget-plan.js';
import { FleetMember } from './gateway-fleet.js';
import { RedisPair } from './redis-pair.js';
import { settleTenants } from './tenants.js';
import { TortureClients } from './torture-clients.js';
import { judge } from './verdict.js';

/** Where gateways keep what they know. Without Redis there is one gateway. */
export type Stores = 'Postgres and Redis' | 'Postgres alone' | 'embedded Postgres';

/** What can be tormented. Undefined where a part has none of it. */
export interface Victims {
  readonly fleet: readonly FleetMember[];
  readonly redis: RedisPair | undefined;
  readonly postgres: PostgresServer | undefined;
}

/** Tells whether anything was lost by it. */
export type Blow = (victims: Victims) => Promise<boolean>;

export interface Torture {
  readonly plan: BudgetPlan;
  readonly launch: Launch;
  readonly stores: Stores;
  readonly torment: string;
  /** One of these at a time, at random; none = nothing is killed. */
  readonly blows: readonly Blow[];
}

export const killGateway: Blow = async ({ fleet }) => {
  await anyOf(fleet).killAndRestart();
  return true;
};

/** Money is spent under torment, and then the provider's own journal, the ledger and the counters are held against each other. */
export function torture(scene: Torture): Promise<Report> {
  return tidily((later) => run(scene, later));
}

async function run({ plan, launch, stores, torment, blows }: Torture, later: Later): Promise<Report> {
  const postgres = stores === 'embedded Postgres' ? undefined : await startPostgres({ durable: true });
  later(() => postgres?.stop());
  const redis = stores === 'Postgres and Redis' ? await RedisPair.start() : undefined;
  later(() => redis?.stop());
  const stub = await BillingStub.start();
  later(() => stub.stop());
  const make = async (): Promise<FleetMember> => {
    const member = await FleetMember.make(launch, { databaseUrl: postgres?.url, redisUrl: redis?.url, providerUrl: stub.baseUrl });
    later(() => member.stop());
    return member;
  };
  const fleet = await startFleet(redis ? plan.gateways : 1, make);
  const { baseUrl } = fleet[0];
  const tenants = await settleTenants(baseUrl, plan.everythingUsd);
  // What was decided is in effect everywhere within a second.
  await sleep(1_500);
  const clients = new TortureClients(
    fleet.map((member) => member.baseUrl),
    tenants.payers,
  );
  later(() => clients.stop());
  const [spent, tormented] = [clients.run(plan.clients, plan.forMs), rain(plan, blows, { fleet, redis, postgres })];
  await Promise.allSettled([spent, tormented]);
  await spent;
  const { times, leasesEndAt } = await tormented;
  for (const member of fleet) await member.untilReady();
  const databaseUrl = postgres?.url ?? (await embeddedUrl(fleet[0].dataDir));
  const evidence = { journal: stub.journal, outcomes: clients.outcomes, tenants, databaseUrl, baseUrl, leasesEndAt };
  // What was not tormented has shown nothing.
  const tormentedOften = blows.length === 0 ? told('times', times) : atLeast('times', times, 1);
  const figures = [tormentedOften, ...(await judge(evidence))];
  // Where something was missed, their logs stay.
  if (figures.every(({ holds }) => holds)) await Promise.all(fleet.map((member) => member.remove()));
  return { title: `${stores}, ${plan.clients} clients, gateways: ${fleet.length}, ${plan.forMs / 1_000} s: ${torment}`, figures };
}

async function startFleet(gateways: number, make: () => Promise<FleetMember>): Promise<readonly [FleetMember, ...FleetMember[]]> {
  const first = await make();
  const others = await Promise.all(Array.from({ length: gateways - 1 }, make));
  // The first one migrates the database.
  await first.start();
  await Promise.all(others.map((member) => member.start()));
  return [first, ...others];
}

/** Resolves, when the time is up, with how often something was lost, and with when the leases of gateways that were killed are over. */
async function rain(plan: BudgetPlan, blows: readonly Blow[], victims: Victims): Promise<{ times: number; leasesEndAt: number }> {
  const until = performance.now() + plan.forMs;
  const [least, most] = plan.killEveryMs;
  let [times, leasesEndAt] = [0, 0];
  for (;;) {
    await sleep(least + Math.random() * (most - least));
    if (performance.now() >= until) return { times, leasesEndAt };
    if (blows.length === 0) continue;
    if (blows.includes(killGateway) && victims.redis) leasesEndAt = performance.now() + LEASE_MS;
    if (await anyOf(blows)(victims)) times += 1;
  }
}

/** Of the database that a gateway keeps by itself. */
async function embeddedUrl(dataDir: string): Promise<string> {
  const cluster = path.join((await findHome(dataDir)).dir, 'cluster');
  const [password, port] = await Promise.all(['password', 'port'].map((file) => readFile(path.join(cluster, file), 'utf8')));
  return `postgresql://${SUPERUSER}:${password!.trim()}@127.0.0.1:${port!.trim()}/postgres`;
}

function anyOf<T>(things: readonly T[]): T {
  return things[Math.floor(Math.random() * things.length)]!;
}
