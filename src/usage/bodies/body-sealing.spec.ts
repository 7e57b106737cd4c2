import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../platform/index.js';
import { BodySealing, Unreadable } from './body-sealing.js';

const OLD = new Secret('an-old-key-of-more-than-32-characters');
const NEW = new Secret('a-new-key-of-more-than-32-characters!');
const PLACE = { callId: '019b76da-a800-7000-8000-000000000001', part: 'request' } as const;
const BODY = Buffer.from('what was said');

describe('BodySealing', () => {
  const sealing = new BodySealing([NEW, OLD]);
  const id = sealing.newestId!;

  it.each([Buffer.alloc(0), BODY, Buffer.alloc(300_000, 'x')])('opens what it sealed, byte for byte', (body) => {
    expect(sealing.open(sealing.seal(body, PLACE), id, PLACE)).toEqual(body);
  });

  it('shows nothing of it, and never the same twice', () => {
    const [one, other] = [sealing.seal(BODY, PLACE), sealing.seal(BODY, PLACE)];

    expect(one.equals(other)).toBe(false);
    expect(one.includes('said')).toBe(false);
  });

  it('seals with the newest secret and opens with each', () => {
    const before = new BodySealing([OLD]);

    expect(sealing.open(before.seal(BODY, PLACE), before.newestId!, PLACE)).toEqual(BODY);
    expect(new BodySealing([NEW]).open(sealing.seal(BODY, PLACE), id, PLACE)).toEqual(BODY);
    expect(before.newestId).not.toBe(id);
  });

  it('says which secret is missing', () => {
    const open = () => new BodySealing([OLD]).open(sealing.seal(BODY, PLACE), id, PLACE);

    expect(open).toThrow(Unreadable);
    expect(open).toThrow(`${id}, which is not among TOLLGATE_SECRET_KEYS`);
  });

  it.each([
    ['another call', { ...PLACE, callId: '019b76da-a800-7000-8000-000000000002' }],
    ['the other part', { ...PLACE, part: 'answer' as const }],
  ])('does not open for %s', (_, place) => {
    expect(() => sealing.open(sealing.seal(BODY, PLACE), id, place)).toThrow('encrypted for another call');
  });

  it('does not open under the id of another of its secrets', () => {
    const other = new BodySealing([OLD]).newestId!;

    expect(() => sealing.open(sealing.seal(BODY, PLACE), other, PLACE)).toThrow(Unreadable);
  });

  it('does not open what was altered at any byte, or cut', () => {
    const sealed = sealing.seal(BODY, PLACE);

    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(() => sealing.open(altered, id, PLACE)).toThrow(Unreadable);
      expect(() => sealing.open(sealed.subarray(0, at), id, PLACE)).toThrow(Unreadable);
    }
  });

  it('says what to set where there is no secret', () => {
    expect(new BodySealing([]).newestId).toBeUndefined();
    expect(() => new BodySealing([]).seal(BODY, PLACE)).toThrow('Set TOLLGATE_SECRET_KEYS');
  });
});
