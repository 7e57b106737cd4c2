import { expect, it } from '@jest/globals';
import { FROM_SOURCE } from '../../promises/launch.js';
import { redisDrill, SHORT_REDIS } from '../../promises/redis/redis-faults.js';
import { BUSY_MACHINE_MS } from '../../support/in-time.js';
import { describeWithRedis } from '../../support/redis-db.js';

describeWithRedis('a Redis that fails, in its short form (`npm run promises -- redis` is the whole one), when it is', () => {
  it.each([...redisDrill({ ...SHORT_REDIS, slackMs: BUSY_MACHINE_MS }, FROM_SOURCE)])(
    '%s',
    async (_, part) => {
      const { figures } = await part();

      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
    },
    120_000,
  );
});
