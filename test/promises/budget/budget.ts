import type { Launch } from '../launch.js';
import type { Report } from '../report.js';
import type { BudgetPlan } from './budget-plan.js';
import { type Blow, killGateway, torture } from './torture.js';

/** What is done to the stores and the gateways while money is spent. */
const TORMENTS: readonly (readonly [torment: string, ...blows: readonly Blow[]])[] = [
  ['nothing is killed'],
  ['gateways are killed', killGateway],
  ['Redis is killed and loses its tail', async ({ redis }) => (await redis!.loseTail()) > 0],
  ['a lagging replica takes over', ({ redis }) => redis!.failOver().then(() => true)],
];

/** Budgets under load, each part on stores and gateways of its own: title → what it measured. */
export function budgetDrill(plan: BudgetPlan, launch: Launch): ReadonlyMap<string, () => Promise<Report>> {
  return new Map(
    TORMENTS.map(([torment, ...blows]) => [torment, () => torture({ plan, launch, stores: 'Postgres and Redis', torment, blows })]),
  );
}
