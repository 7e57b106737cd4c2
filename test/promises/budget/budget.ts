import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../support/postgres.js';
import { type Report, told } from '../report.js';
import { BillingStub } from './billing-stub.js';
import type { BudgetPlan } from './budget-plan.js';
import { FleetMember } from './gateway-fleet.js';
import { RedisPair } from './redis-pair.js';
import { settleTenants } from './tenants.js';
import { TortureClients } from './torture-clients.js';
import { judge } from './verdict.js';

/** What is done to the stores and the gateways while money is spent. */
type Torment = 'nothing is killed' | 'gateways are killed' | 'Redis is killed and loses its tail' | 'a lagging replica takes over';

interface Scene {
  readonly plan: BudgetPlan;
  readonly fleet: readonly FleetMember[];
  readonly redis: RedisPair;
}

/** Budgets under load, each part on stores and gateways of its own: title → what it measured. */
export function budgetDrill(plan: BudgetPlan): ReadonlyMap<string, () => Promise<Report>> {
  const torments: readonly Torment[] = [
    'nothing is killed',
    'gateways are killed',
    'Redis is killed and loses its tail',
    'a lagging replica takes over',
  ];
  return new Map(torments.map((torment) => [torment, () => torture(plan, torment)]));
}

async function torture(plan: BudgetPlan, torment: Torment): Promise<Report> {
  const [postgres, redis, stub] = [await startPostgres(), await RedisPair.start(), await BillingStub.start()];
  const stores = { databaseUrl: postgres.url, redisUrl: redis.url, providerUrl: stub.baseUrl };
  const fleet: FleetMember[] = [];
  const kill = (): void => fleet.forEach((member) => member.kill());
  process.once('exit', kill);
  try {
    for (let at = 0; at < plan.gateways; at += 1) fleet.push(await FleetMember.make(stores));
    // The first one migrates the database.
    for (const member of fleet) await member.start();
    const tenants = await settleTenants(fleet[0]!.baseUrl, plan.everythingUsd);
    // What was decided is in effect everywhere within a second.
    await sleep(1_500);
    const clients = new TortureClients(
      fleet.map(({ baseUrl }) => baseUrl),
      tenants.payers,
    );
    const tormented = tormentFor({ plan, fleet, redis }, torment);
    await clients.run(plan.clients, plan.forMs);
    const times = await tormented;
    await clients.stop();
    for (const member of fleet) await member.untilReady();
    const evidence = { journal: stub.journal, outcomes: clients.outcomes, tenants, databaseUrl: postgres.url, baseUrl: fleet[0]!.baseUrl };
    const title = `${plan.clients} clients, ${plan.gateways} gateways, ${plan.forMs / 1_000} s: ${torment}`;
    return { title, figures: [told('times', times), ...(await judge(evidence))] };
  } finally {
    process.off('exit', kill);
    await Promise.all(fleet.map((member) => member.stop()));
    stub.stop();
    await redis.stop();
    await postgres.stop();
  }
}

/** Resolves, when the time is up, with how often it was done. */
async function tormentFor({ plan, fleet, redis }: Scene, torment: Torment): Promise<number> {
  if (torment === 'nothing is killed') return 0;
  const until = performance.now() + plan.forMs;
  const [least, most] = plan.killEveryMs;
  for (let times = 0; ; times += 1) {
    await sleep(least + Math.random() * (most - least));
    if (performance.now() >= until) return times;
    if (torment === 'gateways are killed') await fleet[Math.floor(Math.random() * fleet.length)]!.killAndRestart();
    else if (torment === 'a lagging replica takes over') await redis.failOver();
    else await redis.loseTail();
  }
}
