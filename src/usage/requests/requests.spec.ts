import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { makeId } from '../../core/ids.js';
import { NO_USAGE } from '../../core/usage.js';
import type { RequestFilter } from './request-filter.js';
import type { RequestRow } from './request-row.js';
import { Requests } from './requests.js';
import type { RequestsStore } from './requests.store.js';

const NOW = Date.UTC(2026, 10, 20);
const ADMIN = { role: 'admin', keyId: 'root' } as const;

/** Rows without end, or as many as are said; fails at the search that is said. */
class Source {
  readonly searches: (readonly [after: string | undefined, limit: number])[] = [];

  constructor(
    private left = Infinity,
    private readonly failsAt = Infinity,
  ) {}

  readonly store = {
    search: async ({ after }: RequestFilter, limit: number): Promise<readonly RequestRow[]> => {
      this.searches.push([after, limit]);
      if (this.searches.length === this.failsAt) throw new Error('gone');
      const count = Math.min(limit, this.left);
      this.left -= count;
      return Array.from({ length: count }, rowOf);
    },
  } as RequestsStore;
}

function rowOf(): RequestRow {
  return {
    ...NO_USAGE,
    callId: makeId(NOW),
    requestId: 'r',
    admittedAt: new Date(NOW),
    keyId: 'k',
    tenant: 'k',
    userId: null,
    surface: 'openai-chat',
    streamed: false,
    modelAsked: 'm',
    provider: null,
    model: null,
    status: 200,
    ending: 'complete',
    errorKind: null,
    usageSource: 'provider',
    costNanoUsd: 1n,
    providerCostNanoUsd: null,
    failedCostNanoUsd: 0n,
    priceVersion: null,
    priceId: null,
    tierAbove: null,
    serviceTier: null,
    durationMs: 1,
    firstTokenMs: null,
    overheadUs: 1,
    attemptCount: 0,
    tags: null,
  };
}

describe('requests as CSV', () => {
  const open = (source: Source, query = {}, onFailure: (error: unknown) => void = () => undefined) =>
    new Requests(source.store, { now: () => NOW }).csv(query, ADMIN, onFailure);
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  };

  it('are read chunk by chunk, each from where the one before ended', async () => {
    const source = new Source(450);

    const lines = (await (await open(source)).toArray()).join('').split('\r\n');

    expect(lines).toHaveLength(1 + 450 + 1);
    expect(source.searches.map(([, limit]) => limit)).toEqual([200, 200, 200]);
    expect(source.searches.map(([after]) => after)).toEqual([undefined, lines[200]!.slice(0, 36), lines[400]!.slice(0, 36)]);
  });

  it('are not read again where a chunk was the last that was asked for', async () => {
    const source = new Source();

    expect((await (await open(source, { limit: 200 })).toArray()).join('').split('\r\n')).toHaveLength(202);
    expect(source.searches).toHaveLength(1);
  });

  it('have their heading where there are none', async () => {
    expect((await (await open(new Source(0))).toArray()).join('')).toMatch(/^id,request_id,.*,tags\r\n$/);
  });

  it('wait for who takes them', async () => {
    const source = new Source();
    const lines = await open(source);
    lines.read();
    await turns();

    expect(source.searches.length).toBeLessThanOrEqual(3);
    lines.destroy();
  });

  it('are read no more when nobody takes them any more', async () => {
    const source = new Source();
    const lines = await open(source);
    await lines[Symbol.asyncIterator]().next();
    lines.destroy();
    await turns();
    const read = source.searches.length;
    await turns();

    expect(read).toBeLessThanOrEqual(3);
    expect(source.searches).toHaveLength(read);
  });

  it('refuse before they begin, and break off later, saying why', async () => {
    await expect(open(new Source(Infinity, 1))).rejects.toThrow('gone');

    const failures: unknown[] = [];
    const lines = await open(new Source(Infinity, 3), {}, (error) => failures.push(error));
    await expect(lines.toArray()).rejects.toThrow('gone');
    expect(failures).toEqual([expect.objectContaining({ message: 'gone' })]);
  });
});
