import { expect, it } from '@jest/globals';
import { FROM_SOURCE } from '../../promises/launch.js';
import { ledgerDrill, SHORT_LEDGER } from '../../promises/ledger/ledger.js';
import { describeWithRedis } from '../../support/redis-db.js';

/** What remains of the drill takes long. */
const DAILY = ['Postgres alone: the gateway is killed', 'Postgres alone: Postgres is killed'];

describeWithRedis('the ledger under torture, in its short form (`npm run promises -- ledger` is the whole one), over', () => {
  it.each([...ledgerDrill(SHORT_LEDGER, FROM_SOURCE)].filter(([part]) => DAILY.includes(part)))(
    '%s',
    async (_, part) => {
      const { figures } = await part();

      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
    },
    240_000,
  );
});
