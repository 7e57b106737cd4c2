import { expect, it } from '@jest/globals';
import { budgetDrill } from '../../promises/budget/budget.js';
import { SHORT_BUDGET } from '../../promises/budget/budget-plan.js';
import { FROM_SOURCE } from '../../promises/launch.js';
import { describeWithRedis } from '../../support/redis-db.js';

/** What remains of the drill takes long. */
const DAILY = ['gateways are killed', 'Redis is killed and loses its tail', 'a lagging replica takes over'];

describeWithRedis('budgets under torture, in its short form (`npm run promises -- budget` is the whole one), when', () => {
  it.each([...budgetDrill(SHORT_BUDGET, FROM_SOURCE)].filter(([torment]) => DAILY.includes(torment)))(
    '%s',
    async (_, part) => {
      const { figures } = await part();

      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
    },
    240_000,
  );
});
