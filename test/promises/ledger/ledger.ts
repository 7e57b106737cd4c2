import type { BudgetPlan } from '../budget/budget-plan.js';
import { type Blow, killGateway, type Stores, torture } from '../budget/torture.js';
import type { Launch } from '../launch.js';
import type { Report } from '../report.js';
import { type ReachableStores, stoppedAnywhere } from './stopped-anywhere.js';

export const WHOLE_LEDGER: BudgetPlan = {
  clients: 150,
  gateways: 3,
  forMs: 60_000,
  killEveryMs: [3_000, 8_000],
  everythingUsd: 300,
};

export const SHORT_LEDGER: BudgetPlan = { clients: 30, gateways: 2, forMs: 8_000, killEveryMs: [2_000, 3_000], everythingUsd: 6 };

/** It comes back by itself. */
const killPostgres: Blow = async ({ postgres }) => process.kill(postgres!.pid, 'SIGKILL');

const restartRedis: Blow = ({ redis }) => redis!.restart().then(() => true);
const cutRedis: Blow = async ({ redis }) => (await redis!.loseTail()) > 0;

interface Part {
  readonly stores: Stores;
  readonly torment: string;
  readonly blows: readonly Blow[];
}

/**
 * Gateways are not killed together with a Redis that loses its tail, nor together with the only Postgres: what only the two of them
 * knew is gone with them.
 */
const PARTS: readonly Part[] = [
  { stores: 'Postgres and Redis', torment: 'gateways, Postgres and Redis are killed', blows: [killGateway, killPostgres, restartRedis] },
  { stores: 'Postgres and Redis', torment: 'Postgres is killed, and Redis loses its tail', blows: [killPostgres, cutRedis] },
  { stores: 'Postgres alone', torment: 'the gateway is killed', blows: [killGateway] },
  { stores: 'Postgres alone', torment: 'Postgres is killed', blows: [killPostgres] },
  { stores: 'embedded Postgres', torment: 'the gateway is killed', blows: [killGateway] },
];

const SETTLEMENTS = (['Postgres and Redis', 'Postgres alone'] satisfies ReachableStores[]).flatMap((stores) =>
  (['plain', 'streamed'] as const).map((answer) => ({ stores, answer })),
);

/** Every call that was billed has one row, whatever is killed, when, and wherever it was known: title → what was measured. */
export function ledgerDrill(plan: BudgetPlan, launch: Launch): ReadonlyMap<string, () => Promise<Report>> {
  return new Map([
    ...PARTS.map((part) => [`${part.stores}: ${part.torment}`, () => torture({ plan, launch, ...part })] as const),
    ...SETTLEMENTS.map(({ stores, answer }) => {
      const title = `${stores}: the gateway is killed at each message of the settlement of a ${answer} call`;
      return [title, () => stoppedAnywhere({ stores, answer, launch })] as const;
    }),
  ]);
}
