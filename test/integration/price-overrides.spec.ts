import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeId } from '../../src/core/ids.js';
import { LivePriceOverrides } from '../../src/usage/prices/overrides/live-price-overrides.js';
import type { PriceOverride } from '../../src/usage/prices/overrides/price-override.js';
import { PriceOverridesStore } from '../../src/usage/prices/overrides/price-overrides.store.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { anOverride } from '../support/price-override.js';
import { openReplica, type Replica } from '../support/replica.js';
import { silentLog } from '../support/silent-log.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;
const BY = { id: 'admin:admin', name: 'admin' };

describe('price overrides in Postgres', () => {
  let database: TestDatabase;
  let [here, there]: Replica[] = [];
  const opened: LivePriceOverrides[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    [here, there] = [await openReplica(database.url), await openReplica(database.url)];
    await Promise.all([here.start(), there.start()]);
  }, 30_000);

  afterEach(async () => {
    for (const live of opened.splice(0)) live.onApplicationShutdown();
    await here!.prisma.priceOverride.deleteMany();
  });

  afterAll(async () => {
    await Promise.all([here!.stop(), there!.stop()]);
    await database.drop();
  });

  const storeOf = ({ prisma, audit }: Replica, nowMs = NOW) => new PriceOverridesStore(prisma, audit, { now: () => nowMs });
  const made = (changes: Partial<PriceOverride> = {}) => anOverride({ id: makeId(NOW), from: NOW, createdAt: NOW, ...changes });

  async function liveOf(replica: Replica): Promise<LivePriceOverrides> {
    const live = new LivePriceOverrides(storeOf(replica), replica.notifications, replica.database, silentLog);
    opened.push(live);
    await live.onModuleInit();
    return live;
  }

  it('come back as they were, every digit of them', async () => {
    const override = made({
      provider: 'mine',
      rates: {
        input: 10n ** 15n,
        cacheRead: 0n,
        cacheWrite5m: 1n,
        cacheWrite1h: 2n,
        output: 3n,
        audioInput: 4n,
        audioOutput: 5n,
        image: 6n,
      },
      tiers: [{ aboveInputTokens: 200_000, stated: { output: 12_345_678_901_234n } }],
      origin: 'sync',
    });

    await storeOf(here!).insert([override], BY);

    expect(await storeOf(here!).load()).toEqual([override]);
    expect(await storeOf(here!).load([override.id])).toEqual([override]);
    expect(await storeOf(here!).list({ origin: 'sync', limit: 9 })).toEqual([override]);
  });

  it('are made together or not at all', async () => {
    const [one, other] = [made(), made()];

    await expect(storeOf(here!).insert([one, other, one], BY)).rejects.toThrow();

    expect(await storeOf(here!).load()).toEqual([]);
    expect((await here!.audit.list({ limit: 50, entity: 'price' })).filter(({ entityId }) => entityId === one.id)).toEqual([]);
  });

  it('end once, however many end them at a time', async () => {
    const override = made();
    await storeOf(here!).insert([override], BY);

    const ended = await Promise.all([1, 2, 3, 4].map((ms) => storeOf(ms % 2 ? here! : there!).remove(override.id, BY, NOW + ms)));

    expect(new Set(ended.map((one) => one?.removedAt)).size).toBe(1);
    expect(await storeOf(here!).load()).toEqual([ended[0]]);
    const records = await here!.audit.list({ limit: 50, entity: 'price' });
    expect(records.filter(({ entityId, action }) => entityId === override.id && action === 'remove').length).toBe(1);
  });

  it('are remembered for a day after their end, and stay in the list', async () => {
    const override = made();
    await storeOf(here!).insert([override], BY);
    await storeOf(here!).remove(override.id, BY, NOW);

    expect((await storeOf(here!, NOW + DAY_MS - 1).load()).length).toBe(1);
    expect(await storeOf(here!, NOW + DAY_MS).load()).toEqual([]);
    expect((await storeOf(here!, NOW + DAY_MS).list({ limit: 9 })).length).toBe(1);
  });

  it('of an origin that this version does not know are as good as absent', async () => {
    const override = made();
    await storeOf(here!).insert([override], BY);
    await here!.prisma.priceOverride.update({ where: { id: override.id }, data: { origin: 'oracle' } });

    expect(await storeOf(here!).load()).toEqual([]);
    expect(await storeOf(here!).remove(override.id, BY, NOW)).toBeUndefined();
  });

  it('are known to every process, by the model and the provider that they name', async () => {
    const [before, after] = [await liveOf(here!), await liveOf(there!)];
    const [anywhere, mine] = [made({ model: 'a' }), made({ model: 'a', provider: 'mine' })];
    const revision = after.revision;

    await storeOf(here!).insert([anywhere, mine], BY);
    await before.refresh([anywhere.id, mine.id]);

    expect(new Set(before.of('mine', 'a'))).toEqual(new Set([anywhere, mine]));
    await eventually(() => after.of('mine', 'a').length === 2);
    expect(after.revision).not.toBe(revision);
    expect(after.of('other', 'a')).toEqual([anywhere]);
    expect(after.of('mine', 'b')).toEqual([]);
    await storeOf(there!).remove(mine.id, BY, NOW + 1);
    await eventually(() => before.standing().length === 1);
    expect(before.standing()).toEqual([anywhere]);
    expect(before.of('mine', 'a').length).toBe(2);
  });
});
