import { describe, expect, it } from '@jest/globals';
import { Secret } from '../config/secret.js';
import { CannotOpen, Sealing } from './sealing.js';

const OLD = new Secret('an-old-key-of-more-than-32-characters');
const NEW = new Secret('a-new-key-of-more-than-32-characters!');
const PLACE = 'webhook 1';

describe('Sealing', () => {
  it.each(['', 'x', 'whsec_c2VjcmV0', 'umlauts äöü and 𝄞', 'long '.repeat(10_000)])('opens what it sealed: %.20s', (text) => {
    const sealing = new Sealing([NEW]);

    expect(sealing.open(sealing.seal(text, PLACE), PLACE)).toBe(text);
  });

  it('shows nothing of the text, and never the same twice', () => {
    const sealing = new Sealing([NEW]);

    const [one, other] = [sealing.seal('whsec_visible', PLACE), sealing.seal('whsec_visible', PLACE)];

    expect(one).toMatch(/^sealed1\.[\w-]{8}\.[\w-]+$/);
    expect(one).not.toBe(other);
    expect(Buffer.from(one.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('visible');
  });

  it('seals with the newest key and opens with each', () => {
    const before = new Sealing([OLD]).seal('kept', PLACE);
    const sealing = new Sealing([NEW, OLD]);

    expect(sealing.open(before, PLACE)).toBe('kept');
    expect(new Sealing([NEW]).open(sealing.seal('fresh', PLACE), PLACE)).toBe('fresh');
  });

  it('says which key is missing', () => {
    const sealed = new Sealing([OLD]).seal('kept', PLACE);
    const id = sealed.split('.')[1]!;

    expect(() => new Sealing([NEW]).open(sealed, PLACE)).toThrow(CannotOpen);
    expect(() => new Sealing([NEW]).open(sealed, PLACE)).toThrow(`${id}, which is not among TOLLGATE_SECRET_KEYS`);
    expect(() => new Sealing([]).open(sealed, PLACE)).toThrow(CannotOpen);
  });

  it('does not open for another place', () => {
    const sealing = new Sealing([NEW]);

    expect(() => sealing.open(sealing.seal('text', PLACE), 'webhook 2')).toThrow(CannotOpen);
  });

  it('does not open what was altered, at any byte', () => {
    const sealing = new Sealing([NEW]);
    const [version, id, content] = sealing.seal('text', PLACE).split('.') as [string, string, string];
    const bytes = Buffer.from(content, 'base64url');

    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      expect(() => sealing.open(`${version}.${id}.${altered.toString('base64url')}`, PLACE)).toThrow(CannotOpen);
    }
  });

  it.each(['', 'plain', 'sealed1', 'sealed2.AAAAAAAA.AAAA', 'a.b.c.d'])('does not take %p for sealed', (text) => {
    expect(() => new Sealing([NEW]).open(text, PLACE)).toThrow(CannotOpen);
  });

  it.each(['', 'AAAA', 'A'.repeat(37)])('does not open one that was cut: %p', (content) => {
    const sealing = new Sealing([NEW]);
    const id = sealing.seal('text', PLACE).split('.')[1]!;

    expect(() => sealing.open(`sealed1.${id}.${content}`, PLACE)).toThrow(CannotOpen);
  });

  it('says what to set where there is no key', () => {
    expect(new Sealing([NEW]).canSeal).toBe(true);
    expect(new Sealing([]).canSeal).toBe(false);
    expect(() => new Sealing([]).seal('text', PLACE)).toThrow('Set TOLLGATE_SECRET_KEYS');
  });
});
