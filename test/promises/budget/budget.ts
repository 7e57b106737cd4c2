import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_MS } from '../../../src/limits/admission-store.js';
import { startPostgres } from '../../support/postgres.js';
import type { Launch } from '../launch.js';
import { atLeast, type Figure, type Report, told } from '../report.js';
import { type Later, tidily } from '../tidily.js';
import { BillingStub } from './billing-stub.js';
import type { BudgetPlan } from './budget-plan.js';
import { FleetMember, type FleetStores } from './gateway-fleet.js';
import { RedisPair } from './redis-pair.js';
import { settleTenants } from './tenants.js';
import { TortureClients } from './torture-clients.js';
import { judge } from './verdict.js';

/** What is done to the stores and the gateways while money is spent. */
const TORMENTS = [
  'nothing is killed',
  'gateways are killed',
  'Redis is killed and loses its tail',
  'a lagging replica takes over',
] as const;
type Torment = (typeof TORMENTS)[number];

interface Scene {
  readonly plan: BudgetPlan;
  readonly launch: Launch;
  readonly torment: Torment;
}

interface Victims {
  readonly fleet: readonly FleetMember[];
  readonly redis: RedisPair;
}

/** Budgets under load, each part on stores and gateways of its own: title → what it measured. */
export function budgetDrill(plan: BudgetPlan, launch: Launch): ReadonlyMap<string, () => Promise<Report>> {
  return new Map(TORMENTS.map((torment) => [torment, () => tidily((later) => torture({ plan, launch, torment }, later))]));
}

async function torture({ plan, launch, torment }: Scene, later: Later): Promise<Report> {
  const postgres = await startPostgres();
  later(() => postgres.stop());
  const redis = await RedisPair.start();
  later(() => redis.stop());
  const stub = await BillingStub.start();
  later(() => stub.stop());
  const fleet = await startFleet({ databaseUrl: postgres.url, redisUrl: redis.url, providerUrl: stub.baseUrl }, { plan, launch }, later);
  const [{ baseUrl }] = fleet;
  const tenants = await settleTenants(baseUrl, plan.everythingUsd);
  // What was decided is in effect everywhere within a second.
  await sleep(1_500);
  const clients = new TortureClients(
    fleet.map((member) => member.baseUrl),
    tenants.payers,
  );
  later(() => clients.stop());
  const [spent, tormented] = [clients.run(plan.clients, plan.forMs), tormentFor(plan, { fleet, redis }, torment)];
  await Promise.allSettled([spent, tormented]);
  await spent;
  const { times, leasesEndAt } = await tormented;
  for (const member of fleet) await member.untilReady();
  const evidence = { journal: stub.journal, outcomes: clients.outcomes, tenants, databaseUrl: postgres.url, baseUrl, leasesEndAt };
  const figures = [timesOf(torment, times), ...(await judge(evidence))];
  // Where something was missed, their logs stay.
  if (figures.every(({ holds }) => holds)) await Promise.all(fleet.map((member) => member.remove()));
  return { title: `${plan.clients} clients, ${plan.gateways} gateways, ${plan.forMs / 1_000} s: ${torment}`, figures };
}

async function startFleet(
  stores: FleetStores,
  { plan, launch }: Pick<Scene, 'plan' | 'launch'>,
  later: Later,
): Promise<readonly [FleetMember, ...FleetMember[]]> {
  const make = async (): Promise<FleetMember> => {
    const member = await FleetMember.make(launch, stores);
    later(() => member.stop());
    return member;
  };
  const first = await make();
  const others = await Promise.all(Array.from({ length: plan.gateways - 1 }, make));
  // The first one migrates the database.
  await first.start();
  await Promise.all(others.map((member) => member.start()));
  return [first, ...others];
}

/** What was not tormented has shown nothing. */
function timesOf(torment: Torment, times: number): Figure {
  return torment === 'nothing is killed' ? told('times', times) : atLeast('times', times, 1);
}

/** Resolves, when the time is up, with how often something was lost, and with when the leases of gateways that were killed are over. */
async function tormentFor(plan: BudgetPlan, victims: Victims, torment: Torment): Promise<{ times: number; leasesEndAt: number }> {
  const until = performance.now() + plan.forMs;
  const [least, most] = plan.killEveryMs;
  let [times, leasesEndAt] = [0, 0];
  for (;;) {
    await sleep(least + Math.random() * (most - least));
    if (performance.now() >= until) return { times, leasesEndAt };
    if (torment === 'gateways are killed') leasesEndAt = performance.now() + LEASE_MS;
    if (await strike(victims, torment)) times += 1;
  }
}

/** Whether anything was lost by it. */
async function strike({ fleet, redis }: Victims, torment: Torment): Promise<boolean> {
  if (torment === 'nothing is killed') return false;
  if (torment === 'Redis is killed and loses its tail') return (await redis.loseTail()) > 0;
  if (torment === 'a lagging replica takes over') await redis.failOver();
  else await fleet[Math.floor(Math.random() * fleet.length)]!.killAndRestart();
  return true;
}
