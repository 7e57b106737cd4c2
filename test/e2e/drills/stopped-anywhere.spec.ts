import { expect, it } from '@jest/globals';
import { FROM_SOURCE } from '../../promises/launch.js';
import { stoppedAnywhere } from '../../promises/ledger/stopped-anywhere.js';
import { toTable } from '../../promises/report.js';
import { describeWithRedis } from '../../support/redis-db.js';

/** What is said to Redis and to Postgres of how a call has ended, and what either answers. All the rest takes long: each point is a start. */
const POINTS = 4;

describeWithRedis('a gateway is killed at a message of a settlement (`npm run promises -- ledger` tries each, and without Redis)', () => {
  it('and each call has one row, and its budget and the reports what stands in that', async () => {
    const report = await stoppedAnywhere({ stores: 'Postgres and Redis', answer: 'plain', launch: FROM_SOURCE, points: POINTS });

    process.stdout.write(`${toTable({ ...report, figures: report.figures.slice(0, 2) })}\n`);
    expect(report.figures.filter(({ holds }) => !holds)).toEqual([]);
  }, 240_000);
});
