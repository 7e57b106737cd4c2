import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';

const ANN = { id: 'key-ann', name: 'Ann' };
const BEN = { id: 'key-ben', name: 'Ben' };
const NAME = 'provider:openai:enabled';

describe('toggles', () => {
  let server: TestDatabase;
  let gate: Gate;
  let one: Replica;
  /** Listens through the gate. */
  let other: Replica;

  beforeEach(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    [one, other] = await Promise.all([openReplica(server.url), openReplica(server.url, gate.url)]);
  });

  afterEach(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await gate.shut();
    await server.drop();
  });

  async function startBoth(): Promise<void> {
    await Promise.all([one.start(), other.start()]);
    await eventually(() => one.notifications.isListening && other.notifications.isListening);
  }

  it('are in effect here when they are set, and in other processes within a second', async () => {
    await startBoth();
    const seen: unknown[] = [];
    other.toggles.onChange((name, value) => seen.push([name, value, other.toggles.get(name)]));
    const { revision } = other.toggles;

    await inTime(1_000, async () => {
      await one.toggles.set(NAME, 'false', ANN);
      expect(one.toggles.get(NAME)).toBe('false');
      await eventually(() => other.toggles.get(NAME) === 'false');
    });
    expect(other.toggles.revision).not.toBe(revision);
    await inTime(1_000, async () => {
      await other.toggles.set(NAME, undefined, BEN);
      expect(other.toggles.get(NAME)).toBeUndefined();
      await eventually(() => one.toggles.get(NAME) === undefined);
    });

    expect(seen).toEqual([
      [NAME, 'false', 'false'],
      [NAME, undefined, undefined],
    ]);
  });

  it('survive a restart, and are there when the start is over', async () => {
    await one.start();
    await one.toggles.set(NAME, 'false', ANN);

    await other.start();

    expect(other.toggles.get(NAME)).toBe('false');
  });

  it('that were set while nobody could listen are found when listening begins again', async () => {
    await startBoth();
    await gate.shut();
    await eventually(() => !other.notifications.isListening);
    await one.toggles.set(NAME, 'false', ANN);
    expect(other.toggles.get(NAME)).toBeUndefined();

    await gate.open();

    await eventually(() => other.toggles.get(NAME) === 'false');
  });

  it('are recorded with who set what, and with what it was', async () => {
    await one.start();

    await one.toggles.set(NAME, 'false', ANN);
    await one.toggles.set(NAME, 'true', BEN);
    await one.toggles.set(NAME, undefined, ANN);

    const toggle = { entity: 'toggle', entityId: NAME };
    const records = (await one.audit.list({ limit: 10 })).toSorted((a, b) => a.at - b.at || (a.before ? 1 : -1));
    expect(records).toMatchObject([
      { ...toggle, actor: ANN, action: 'set', before: undefined, after: { value: 'false' } },
      { ...toggle, actor: BEN, action: 'set', before: { value: 'false' }, after: { value: 'true' } },
      { ...toggle, actor: ANN, action: 'clear', before: { value: 'true' }, after: undefined },
    ]);
  });

  it('that are set to what they are change nothing', async () => {
    await startBoth();
    await one.toggles.set(NAME, undefined, ANN);
    await one.toggles.set(NAME, 'false', ANN);
    const { revision } = one.toggles;

    await one.toggles.set(NAME, 'false', BEN);

    expect(one.toggles.revision).toBe(revision);
    expect(await query(server.url, 'SELECT name, value, changed_by FROM toggles')).toEqual([
      { name: NAME, value: 'false', changed_by: ANN.id },
    ]);
    expect(await one.audit.list({ limit: 10 })).toHaveLength(1);
  });

  it('set by many at once are one after another, each recorded with what it changed', async () => {
    await startBoth();
    const values = Array.from({ length: 12 }, (_, at) => String(at));

    await Promise.all(values.map((value, at) => (at % 2 === 0 ? one : other).toggles.set(NAME, value, ANN)));

    const records = await one.audit.list({ limit: 100 });
    const next = new Map(records.map(({ before, after }) => [before?.['value'], after?.['value']]));
    const chain: unknown[] = [];
    for (let at = next.get(undefined); at !== undefined && chain.length < 100; at = next.get(at)) chain.push(at);
    expect(chain).toHaveLength(values.length);
    expect(new Set(chain)).toEqual(new Set(values));
    await eventually(() => one.toggles.get(NAME) === chain.at(-1) && other.toggles.get(NAME) === chain.at(-1));
  });
});

describe('toggles while the database is away', () => {
  let server: TestDatabase;
  let gate: Gate;
  let replica: Replica;

  beforeEach(async () => {
    server = await createEmptyDatabase();
    gate = await Gate.before(server.url);
  });

  afterEach(async () => {
    await replica.stop();
    await gate.shut();
    await server.drop();
  });

  it('are empty at start, and read when it comes', async () => {
    replica = await openReplica(gate.url);
    await inTime(250, () => replica.start());
    expect(replica.toggles.get(NAME)).toBeUndefined();
    const seen: string[] = [];
    replica.toggles.onChange((name) => seen.push(name));

    await gate.open();
    await replica.database.whenReachable;
    await query(server.url, `INSERT INTO toggles (name, value, changed_at, changed_by) VALUES ('${NAME}', 'false', now(), 'x')`);

    // Read at first, or when listening begins, or with the notification.
    await query(server.url, `SELECT pg_notify('tollgate', 'toggles ${NAME}')`);
    await eventually(() => replica.toggles.get(NAME) === 'false');
    expect(seen).toEqual([NAME]);
  });

  it('stay as they were, refuse to be set, and are read again when it is back', async () => {
    await gate.open();
    replica = await openReplica(gate.url);
    await replica.start();
    await replica.toggles.set(NAME, 'false', ANN);
    await gate.shut();

    await expect(replica.toggles.set(NAME, 'true', ANN)).rejects.toMatchObject({
      kind: 'service_unavailable',
      details: { retryAfterMs: 1_000 },
    });
    expect(replica.toggles.get(NAME)).toBe('false');
    await query(server.url, `UPDATE toggles SET value = 'true'`);
    await gate.open();

    await eventually(() => replica.toggles.get(NAME) === 'true');
  });
});
