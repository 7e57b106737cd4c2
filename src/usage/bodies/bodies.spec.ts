import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { testConfig } from '../../../test/support/config.js';
import { eventually } from '../../../test/support/eventually.js';
import { callSaying } from '../../../test/support/recorded-call.js';
import { Secret } from '../../platform/index.js';
import { Bodies, BODIES_LIMITS } from './bodies.js';
import type { BodyRow } from './bodies.store.js';

const KEYS = testConfig({ keys: { clients: [], admins: [], metricsToken: undefined, secretKeys: [new Secret('k'.repeat(32))] } }).keys;
const BODY = '{"model":"m","messages":[]}';

class Setting {
  readonly batches: (readonly BodyRow[])[] = [];
  readonly logs: Record<string, unknown>[] = [];
  elapsedMs = 0;
  failure: Error | undefined;
  readonly bodies: Bodies;
  private tellWritten!: () => void;
  /** Something was, for the first time. */
  readonly written = new Promise<void>((resolve) => (this.tellWritten = resolve));

  constructor(storeBodies: 'off' | 'redacted' | 'full', limits = {}) {
    const log = pino({}, { write: (line: string) => void this.logs.push(JSON.parse(line) as Record<string, unknown>) });
    const insert = async (rows: readonly BodyRow[]): Promise<void> => {
      if (this.failure) throw this.failure;
      this.batches.push(rows);
      this.tellWritten();
    };
    const config = { keys: KEYS, privacy: { storeBodies, bodiesMaxBytes: 1_000, hashUsers: false } };
    this.bodies = new Bodies({ insert }, config, { elapsed: () => this.elapsedMs }, log, { ...BODIES_LIMITS, ...limits });
  }

  call(answer = '{}'): void {
    const recording = this.bodies.recorder!.begin(callSaying(BODY));
    recording.add(Buffer.from(answer));
    recording.end();
  }

  drops() {
    return this.logs.map(({ event, calls, total, reason }) => ({ event, calls, total, reason }));
  }
}

describe('Bodies', () => {
  it('has no recorder where nothing is kept', async () => {
    const { bodies } = new Setting('off');

    expect(bodies.recorder).toBeUndefined();
    await bodies.onApplicationShutdown();
  });

  it('writes sealed bodies together', async () => {
    const { bodies, batches, call } = bound(new Setting('full'));

    call();
    call();
    await bodies.flush();

    expect(batches.map((rows) => rows.length)).toEqual([2]);
    expect(batches[0]![0]).toMatchObject({ admittedAt: new Date(Date.UTC(2026, 10, 22)), secretId: expect.stringMatching(/^[\w-]{8}$/) });
    expect(Buffer.from(batches[0]![0]!.request!).includes('model')).toBe(false);
  });

  it.each([{ batchCalls: 2 }, { batchBytes: 200 }])('writes no more at a time than %j', async (limits) => {
    const { bodies, batches, call } = bound(new Setting('full', limits));

    for (let calls = 0; calls < 4; calls += 1) call();
    await bodies.flush();

    expect(batches.map((rows) => rows.length)).toEqual([2, 2]);
  });

  it('drops what a database does not take, and takes the next', async () => {
    const setting = new Setting('full');
    setting.failure = new Error('away');
    setting.call();
    await setting.bodies.flush();
    setting.failure = undefined;
    setting.call();
    await setting.bodies.flush();

    expect(setting.drops()).toEqual([{ event: 'bodies_dropped', calls: 1, total: 1, reason: 'away' }]);
    expect(setting.batches).toHaveLength(1);
  });

  it('forgets none that comes in the moment in which the writing of others ends', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const setting = new Setting('full', { flushMs: 0 });
      setting.call();
      const late = setting.written.then(async () => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        setting.call();
      });

      await setting.bodies.flush();
      await late;

      await eventually(() => setting.batches.flat().length === 2);
    }
  });

  it('says at most once a minute what was dropped, and in the end', async () => {
    const setting = new Setting('full', { memoryBytes: 10 });

    for (let calls = 0; calls < 5; calls += 1) setting.call();
    setting.elapsedMs = 60_000;
    setting.call();
    setting.call();
    await setting.bodies.onApplicationShutdown();

    const reason = 'too much waits in memory';
    expect(setting.drops()).toEqual([
      { event: 'bodies_dropped', calls: 1, total: 1, reason },
      { event: 'bodies_dropped', calls: 5, total: 6, reason },
      { event: 'bodies_dropped', calls: 1, total: 7, reason },
    ]);
  });

  it('has room again when what waited is written, or was dropped', async () => {
    const setting = new Setting('full', { memoryBytes: 2_000 });

    setting.call();
    setting.call();
    await setting.bodies.flush();
    setting.failure = new Error('away');
    setting.call();
    await setting.bodies.flush();
    setting.failure = undefined;
    setting.call();
    await setting.bodies.flush();

    expect(setting.batches.map((rows) => rows.length)).toEqual([1, 1]);
    expect(setting.drops()[0]).toMatchObject({ calls: 1, reason: 'too much waits in memory' });
  });

  it('writes what waits before it ends, and counts what comes later', async () => {
    const setting = new Setting('redacted');
    setting.call();

    await setting.bodies.onApplicationShutdown();
    setting.call();

    expect(setting.batches.map((rows) => rows.length)).toEqual([1]);
    expect(setting.drops()).toEqual([{ event: 'bodies_dropped', calls: 1, total: 1, reason: 'the gateway stopped' }]);
  });
});

function bound(setting: Setting) {
  return { bodies: setting.bodies, batches: setting.batches, call: () => setting.call() };
}
