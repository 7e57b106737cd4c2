import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { runCli } from '../../src/cli/cli.js';
import { systemClock } from '../../src/core/clock.js';
import { PriceBook } from '../../src/usage/price-book.js';
import { loadGenaiPrices } from '../../src/usage/prices/genai-prices.js';
import { OperatorPrices } from '../../src/usage/prices/operator-price.js';
import { LivePriceOverrides } from '../../src/usage/prices/overrides/live-price-overrides.js';
import { PriceOverridesStore } from '../../src/usage/prices/overrides/price-overrides.store.js';
import { aloneWithPrices, openPriceSync } from '../../src/usage/prices/sync/index.js';
import { ScheduledPriceSync } from '../../src/usage/prices/sync/scheduled-price-sync.js';
import { Secret } from '../../src/platform/index.js';
import { testProvider } from '../support/config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog } from '../support/silent-log.js';
import { ScriptedUpstream } from '../support/upstream.js';
import { answers } from '../support/upstream/behaviours.js';
import type { Behaviour } from '../support/upstream/exchange.js';

interface SyncJson {
  readonly applied: boolean;
  readonly providers: readonly {
    readonly provider: string;
    readonly changes: readonly {
      readonly model: string;
      readonly kind: string;
      readonly steep: boolean;
      readonly rates: readonly unknown[];
    }[];
    readonly unchanged: number;
    readonly gone: readonly string[];
    readonly skipped: readonly { readonly model: string }[];
    readonly error?: { readonly message: string };
  }[];
}

const model = (id: string, prompt: string, completion: string, more: object = {}) => ({ id, pricing: { prompt, completion, ...more } });
const lists = (...data: readonly object[]): Behaviour => answers({ data });
const hangs: Behaviour = () => undefined;

describe('published prices', () => {
  let database: TestDatabase;
  let upstream: ScriptedUpstream;
  let replica: Replica;
  let folder: string;

  beforeAll(async () => {
    database = await createDatabase();
    [upstream, replica] = [await ScriptedUpstream.start(), await openReplica(database.url)];
    await replica.start();
  }, 30_000);

  beforeEach(async () => {
    folder = await makeScratch();
    await query(database.url, 'DELETE FROM price_overrides');
  });

  afterEach(() => removeScratch(folder));

  afterAll(async () => {
    await replica.stop();
    await upstream.stop();
    await database.drop();
  });

  async function tollgate(line: string, more: Readonly<Record<string, string>> = {}) {
    const texts = { out: '', error: '' };
    const env = { DATABASE_URL: database.url, OPENROUTER_API_KEY: 'sk-or-1', OPENROUTER_API_BASE: upstream.baseUrl, ...more };
    const code = await runCli(line.split(' '), {
      out: { write: (text: string) => (texts.out += text) },
      error: { write: (text: string) => (texts.error += text) },
      sources: { env, cwd: folder },
    });
    return { code, ...texts };
  }
  const json = async (line: string) => JSON.parse((await tollgate(`${line} --json`)).out) as SyncJson;
  const stored = (): Promise<{ model: string; rates: unknown }[]> =>
    query(
      database.url,
      `SELECT model, rates FROM price_overrides WHERE origin = 'sync' AND provider = 'openrouter' ORDER BY "from", model`,
    );
  const isSet = (behaviour: Behaviour): void => upstream.aside('/v1/models', behaviour);

  it('are shown, and hold only when they are to', async () => {
    isSet(lists(model('a/b', '0.000002', '0.000008', { request: '0.005' }), model('openrouter/auto', '-1', '-1')));

    const shown = await tollgate('prices sync');
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/openrouter +a\/b +input +- +2 +new\n.* output +- +8 +new\n.* request +- +0\.005 +new\n/);
    expect(shown.out).toContain('openrouter/auto has no fixed price: skipped');
    expect(shown.out).toContain('Nothing was changed.');
    expect(await stored()).toEqual([]);

    expect(await json('prices sync openrouter --apply')).toMatchObject({
      applied: true,
      providers: [{ changes: [{ model: 'a/b', kind: 'new' }] }],
    });
    expect(await stored()).toEqual([{ model: 'a/b', rates: { input: '2000000', output: '8000000', request: '5000000000' } }]);
    const [entry] = await replica.audit.list({ limit: 1, entity: 'price' });
    expect(entry).toMatchObject({ action: 'create', actor: { id: 'cli' }, after: { origin: 'sync', model: 'a/b' } });
  });

  it('make no new row where they are as before, and tell of what moved and what is gone', async () => {
    isSet(lists(model('a/b', '0.000002', '0.000008'), model('a/c', '0.000001', '0.000001'), model('a/d', '0.000001', '0.000001')));
    await tollgate('prices sync --apply');
    isSet(lists(model('a/b', '0.0000020', '8e-6'), model('a/c', '0.0000011', '0.000001')));

    const { providers } = await json('prices sync --apply');
    expect(providers).toMatchObject([
      {
        unchanged: 1,
        gone: ['a/d'],
        changes: [{ model: 'a/c', kind: 'changed', rates: [{ rate: 'input', old_pico_usd: '1000000', new_pico_usd: '1100000' }] }],
      },
    ]);
    expect((await stored()).map((row) => row.model)).toEqual(['a/b', 'a/c', 'a/d', 'a/c']);
    expect((await json('prices sync --apply')).providers[0]?.changes).toEqual([]);
  });

  it('hold in a gateway that runs, for the calls that come, below what the administrator and the configuration say', async () => {
    const store = new PriceOverridesStore(replica.prisma, replica.audit, systemClock);
    const live = new LivePriceOverrides(store, replica.notifications, replica.database, silentLog);
    await live.onModuleInit();
    const yaml = { model: 'a/yaml', inputPicoUsd: 1n, outputPicoUsd: 2n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
    const operator = new OperatorPrices({ prices: [yaml], costPerToken: { exact: [], families: [] } });
    const book = new PriceBook(operator, await loadGenaiPrices(), live);
    const find = (name: string) => book.find({ name: 'openrouter', type: 'openrouter' }, name, Date.now());
    try {
      isSet(lists(model('a/moves', '0.000002', '0.000008', { internal_reasoning: '0.000003' }), model('a/yaml', '0.000002', '0.000008')));
      await tollgate('prices sync --apply');
      await eventually(() => find('a/moves')?.price.reasoning === 3_000_000n);
      expect(find('a/moves')).toMatchObject({ version: 'sync', price: { input: 2_000_000n } });
      expect(find('a/yaml')).toMatchObject({ version: 'yaml', price: { input: 1n } });

      const before = find('a/moves')!.id;
      isSet(lists(model('a/moves', '0.000004', '0.000008'), model('a/yaml', '0.000002', '0.000008')));
      await tollgate('prices sync --apply');
      await eventually(() => find('a/moves')?.price.input === 4_000_000n);
      expect(find('a/moves')?.price).not.toHaveProperty('reasoning');
      expect(find('a/moves')!.id).not.toBe(before);
    } finally {
      live.onApplicationShutdown();
    }
  });

  it('take in as many models as a provider has', async () => {
    isSet(lists(...Array.from({ length: 600 }, (_, at) => model(`many/m-${at}`, '0.000002', '0.000008'))));

    expect((await json('prices sync --apply')).providers[0]?.changes).toHaveLength(600);
    expect(await stored()).toHaveLength(600);
  }, 60_000);

  it.each<[string, Behaviour, RegExp]>([
    ['a failure', answers({ error: 'no' }, 500), /It answered 500\./],
    ['another list', answers({ items: [] }), /no list of models/],
    ['an empty list', answers({ data: [] }), /no list of models/],
    ['nothing that can be read', answers({ data: [{ id: 'a/b', pricing: 'free' }, 7] }), /None of the 2 models/],
  ])('stay as they were after %s', async (_what, behaviour, problem) => {
    isSet(lists(model('a/b', '0.000002', '0.000008')));
    await tollgate('prices sync --apply');
    isSet(behaviour);

    const { code, error } = await tollgate('prices sync --apply');
    expect(code).toBe(1);
    expect(error).toMatch(problem);
    expect(error).not.toContain('sk-or-1');
    expect(await stored()).toHaveLength(1);
  });

  it('are asked only of who publishes them', async () => {
    expect(await tollgate('prices sync openai', { OPENAI_API_KEY: 'sk-1' })).toMatchObject({
      code: 2,
      error: expect.stringContaining('no provider "openai" that publishes its prices; those that are configured and do: openrouter.'),
    });
    expect((await tollgate('prices sync', { OPENROUTER_API_KEY: '' })).code).toBe(1);
    expect((await tollgate('keys list --apply')).code).toBe(2);
  });

  describe('on a schedule', () => {
    const logs: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });

    beforeEach(() => void logs.splice(0));

    function schedule(priceSyncHours = 24, deadlineMs = 10_000): ScheduledPriceSync {
      const account = testProvider({ name: 'openrouter', type: 'openrouter', baseUrl: upstream.baseUrl, apiKeys: [new Secret('sk-or-1')] });
      const store = new PriceOverridesStore(replica.prisma, replica.audit, systemClock);
      const sync = openPriceSync({ providers: [account] }, store, systemClock);
      const parts = { sync, database: replica.database, config: { billing: { priceSyncHours } }, log, terms: { deadlineMs } };
      return new ScheduledPriceSync(parts);
    }

    it('are taken over when a gateway has started, told of in one line', async () => {
      isSet(lists(model('a/b', '0.000002', '0.000008'), model('a/auto', '-1', '-1')));
      const scheduled = schedule();
      scheduled.onModuleInit();
      await eventually(() => logs.length > 0);
      await scheduled.onApplicationShutdown();

      expect(logs).toHaveLength(1);
      expect(logs[0]).toMatchObject({
        event: 'prices_synced',
        providers: ['openrouter'],
        listed: 2,
        applied: 1,
        held_back: 0,
        unchanged: 0,
        gone: 0,
        skipped: 1,
      });
      expect(await stored()).toHaveLength(1);
    });

    it('are left alone where there is none', async () => {
      isSet(lists(model('a/b', '0.000002', '0.000008')));
      const scheduled = schedule(0);
      scheduled.onModuleInit();
      await scheduled.onApplicationShutdown();

      expect([logs, await stored()]).toEqual([[], []]);
    });

    it('wait for somebody who looks where they move more than tenfold', async () => {
      isSet(lists(model('a/b', '0.000002', '0.000008'), model('a/c', '0.000002', '0.000008')));
      expect(await schedule().run()).toBe('finished');
      isSet(lists(model('a/b', '0.000021', '0.000008'), model('a/c', '0.000003', '0.000008')));
      expect(await schedule().run()).toBe('finished');

      expect(logs.slice(1)).toMatchObject([
        { event: 'prices_synced', applied: 1, held_back: 1 },
        { event: 'prices_held_back', count: 1, models: ['openrouter/a/b'] },
      ]);
      expect((await stored()).map((row) => row.model)).toEqual(['a/b', 'a/c', 'a/c']);

      await tollgate('prices sync --apply');
      expect((await stored()).at(-1)).toMatchObject({ model: 'a/b', rates: { input: '21000000' } });
    });

    it('are one process’s work at a time', async () => {
      isSet(lists(model('a/b', '0.000002', '0.000008')));
      const outcome = await aloneWithPrices(database.url, async () => {
        const other = await tollgate('prices sync --apply');
        expect(other).toMatchObject({ code: 1, error: expect.stringContaining('by another process right now') });
        return schedule().run();
      });

      expect(outcome).toBe('elsewhere');
      expect([logs, await stored()]).toEqual([[], []]);
      expect(await schedule().run()).toBe('finished');
    });

    it('are as they were after a server that hangs, and the log says so', async () => {
      isSet(hangs);
      expect(await schedule(24, 50).run()).toBe('unfinished');

      expect(logs).toMatchObject([
        { event: 'prices_unread', failures: [{ provider: 'openrouter', reason: expect.stringContaining('within 50 ms') }] },
      ]);
    });

    it('are given up at once when the gateway ends', async () => {
      isSet(hangs);
      const scheduled = schedule(24, 600_000);
      const round = scheduled.run();
      await scheduled.onApplicationShutdown();

      expect(await round).toBe('unfinished');
      expect(logs).toEqual([]);
    });
  });
});
