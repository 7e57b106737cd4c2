import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../core/errors.js';
import { toFilter } from './request-filter.js';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const CLIENT = { role: 'client', keyId: 'mine' } as const;
const VIEWER = { role: 'viewer', keyId: 'watcher' } as const;

describe('toFilter', () => {
  it('is the last thirty days until now, of the key of a client', () => {
    const { since, until, keyId } = toFilter({}, CLIENT, NOW);

    expect([until - NOW, until - since, keyId]).toEqual([1, 30 * 86_400_000, 'mine']);
  });

  it('is of everybody for those who may, unless they say whose', () => {
    expect(toFilter({}, VIEWER, NOW).keyId).toBeUndefined();
    expect(toFilter({ key: 'one', team: 'two' }, VIEWER, NOW)).toMatchObject({ keyId: 'one', tenant: 'two' });
  });

  it.each([{ key: 'other' }, { key: 'mine' }, { team: 'mine' }])('lets no client ask for %j', (query) => {
    expect(() => toFilter(query, CLIENT, NOW)).toThrow(expect.objectContaining({ kind: 'forbidden' }));
  });

  it('takes a day to its end, and a time as it is', () => {
    const span = (from: string, to: string) => {
      const { since, until } = toFilter({ from, to }, VIEWER, NOW);
      return [new Date(since).toISOString(), new Date(until).toISOString()];
    };

    expect(span('2026-11-01', '2026-11-01')).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z']);
    expect(span('2026-11-01T05:30:00+05:30', '2026-11-01T00:00:00.001Z')).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-01T00:00:00.001Z']);
    expect(span('2026-11-01', '9999-12-31')[1]).toBe('9999-12-31T23:59:59.999Z');
  });

  it('is refused where it begins at its end', () => {
    const refused = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };

    expect(() => toFilter(refused, VIEWER, NOW)).toThrow(GatewayError);
    expect(() => toFilter({ ...refused, to: '2026-11-01T00:00:00.001Z' }, VIEWER, NOW)).not.toThrow();
  });

  it('keeps all of a tag behind its name', () => {
    expect(toFilter({ tag: 'app=a b' }, VIEWER, NOW).tag).toEqual({ name: 'app', value: 'a b' });
  });
});
