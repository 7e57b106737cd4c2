import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { Alerts, ALERTS_LIMITS, type AlertsLimits } from './alerts.js';
import type { NewAlert } from './alerts.store.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('Alerts', () => {
  it('stores what is raised, with when', async () => {
    const { alerts, stored } = alertsOver();

    alerts.raise('model_unpriced', 'unpriced:x', { model: 'x', calls: 3 });
    await turn();

    expect(stored).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        at: NOW,
        kind: 'model_unpriced',
        occasion: 'unpriced:x',
        facts: { model: 'x', calls: 3 },
      },
    ]);
  });

  it('asks the database once per occasion, however often it is raised', async () => {
    const { alerts, stored } = alertsOver();

    for (let at = 0; at < 1_000; at += 1) alerts.raise('model_unpriced', `unpriced:${at % 3}`, {});
    await turn();
    alerts.raise('model_unpriced', 'unpriced:0', {});
    await turn();

    expect(stored.map(({ occasion }) => occasion)).toEqual(['unpriced:0', 'unpriced:1', 'unpriced:2']);
  });

  it('keeps alerts while the database is away, and stores them when it is back', async () => {
    const { alerts, stored, database } = alertsOver({ retryMs: 1, maxRetryMs: 1 });
    database.isAway = true;
    alerts.raise('model_unpriced', 'one', {});
    alerts.raise('model_unpriced', 'two', {});
    await database.untilAsked(3);
    expect(stored).toEqual([]);

    database.isAway = false;
    await database.untilStored(2);

    expect(stored.map(({ occasion }) => occasion).sort()).toEqual(['one', 'two']);
  });

  it('lets one that is refused hold up no other', async () => {
    const { alerts, stored, database } = alertsOver({ retryMs: 1, maxRetryMs: 1 });
    database.refused = 'poison';

    alerts.raise('model_unpriced', 'poison', {});
    alerts.raise('model_unpriced', 'sound', {});
    await database.untilStored(1);

    expect(stored.map(({ occasion }) => occasion)).toEqual(['sound']);
    await alerts.onApplicationShutdown();
  });

  it('keeps no more than it may, and says so once', async () => {
    const { alerts, stored, database, lines } = alertsOver({ maxWaiting: 2, retryMs: 1 });
    database.isAway = true;

    for (const occasion of ['one', 'two', 'three', 'four']) alerts.raise('model_unpriced', occasion, {});
    database.isAway = false;
    await database.untilStored(2);

    expect(stored).toHaveLength(2);
    expect(lines().filter(({ event }) => event === 'alert_dropped')).toEqual([expect.objectContaining({ occasion: 'three' })]);
  });

  it('takes text that Postgres would not', async () => {
    const { alerts, stored } = alertsOver();

    alerts.raise('model_unpriced', 'a\0b', { model: 'x\0\ud800y' });
    await turn();

    expect(stored).toMatchObject([{ occasion: 'ab', facts: { model: 'x\ufffdy' } }]);
  });

  it('tries once more at shutdown, and says what is lost', async () => {
    const { alerts, stored, database, lines } = alertsOver({ retryMs: 60_000 });
    database.isAway = true;
    alerts.raise('model_unpriced', 'late', {});
    await turn();
    database.isAway = false;

    await alerts.onApplicationShutdown();
    alerts.raise('model_unpriced', 'too late', {});

    expect(stored.map(({ occasion }) => occasion)).toEqual(['late']);
    const other = alertsOver({ retryMs: 60_000 });
    other.database.isAway = true;
    other.alerts.raise('model_unpriced', 'lost', {});
    await other.alerts.onApplicationShutdown();
    expect(other.lines()).toContainEqual(expect.objectContaining({ event: 'alerts_lost', occasions: ['lost'] }));
    expect(lines()).toContainEqual(expect.objectContaining({ event: 'alert_dropped', occasion: 'too late' }));
  });
});

/** A database that can be away, and that tells how far it is. */
class FakeDatabase {
  isAway = false;
  refused: string | undefined;
  readonly stored: NewAlert[] = [];
  private asked = 0;

  insert(alert: NewAlert): Promise<void> {
    this.asked += 1;
    if (this.isAway || alert.occasion === this.refused) return Promise.reject(new Error('away'));
    this.stored.push(alert);
    return Promise.resolve();
  }

  list = (): Promise<never[]> => Promise.resolve([]);

  untilAsked = (times: number): Promise<void> => until(() => this.asked >= times);
  untilStored = (count: number): Promise<void> => until(() => this.stored.length >= count);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

function alertsOver(limits: Partial<AlertsLimits> = {}) {
  const database = new FakeDatabase();
  const written: string[] = [];
  const log = pino({}, { write: (line: string) => void written.push(line) });
  const alerts = new Alerts(database, { now: () => NOW }, log, { ...ALERTS_LIMITS, ...limits });
  const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { alerts, database, stored: database.stored, lines };
}
