import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { RefusalCounts } from '../../src/limits/refusal-counts.js';
import { RefusalCountsStore } from '../../src/limits/refusal-counts.store.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { silentLog } from '../support/silent-log.js';

const HOUR = '2026-11-21T12:00:00.000Z';

let server: TestDatabase;
let replica: Replica;

beforeAll(async () => {
  server = await createDatabase();
  replica = await openReplica(server.url);
});

afterAll(async () => {
  await replica.stop();
  await server.drop();
});

function countsOfAProcess(): RefusalCounts {
  const clock = { ...systemClock, now: () => Date.parse(HOUR) + 1_234 };
  return new RefusalCounts(new RefusalCountsStore(replica.prisma), clock, silentLog);
}

it('adds up what all processes have refused, also when they write at once', async () => {
  const processes = Array.from({ length: 4 }, () => countsOfAProcess());
  for (let round = 0; round < 5; round += 1) {
    for (const [at, counts] of processes.entries()) {
      const keys = ['a', 'b', 'c', 'd', 'e'];
      for (const key of at % 2 === 0 ? keys : keys.reverse()) counts.count(key, 'team', 'calls key');
    }
    await Promise.all(processes.map((counts) => counts.flush()));
  }

  expect(await query(server.url, `SELECT * FROM refusals WHERE bound = 'calls key' ORDER BY key_id`)).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((key) => ({ hour: new Date(HOUR), key_id: key, tenant: 'team', bound: 'calls key', count: '20' })),
  );
});

it('counts keys by any name, those that differ in what cannot be stored together', async () => {
  const counts = countsOfAProcess();
  const names = ["https://issuer.example/ o'brien", 'half \uD83D', 'half \uD83E', 'nothing \0', '"\\'];

  for (const name of names) counts.count(name, name, 'calls user');
  await counts.flush();

  const rows = await query<{ key_id: string; count: string }>(server.url, `SELECT key_id, count FROM refusals WHERE bound = 'calls user'`);
  expect(new Map(rows.map(({ key_id, count }) => [key_id, count]))).toEqual(
    new Map([
      ["https://issuer.example/ o'brien", '1'],
      ['half \uFFFD', '2'],
      ['nothing \uFFFD', '1'],
      ['"\\', '1'],
    ]),
  );
});
