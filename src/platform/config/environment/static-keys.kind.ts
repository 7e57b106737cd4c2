import type { StaticKey } from '../config.js';
import { Secret } from '../secret.js';
import { allOf, secretKind, splitList, type Kind } from './kind.js';

/** A key that names itself: what follows the name must be long enough to be a key, else the `=` belongs to the key. */
const NAMED = /^([a-z0-9_-]+)=(.{16,})$/;
/** What can stand in an HTTP header without quoting. */
const KEY = /^[\x21-\x7e]+$/;

/** Gateway keys; those without a name of their own are called `<unnamed>-1`, `<unnamed>-2` by their place. */
export function staticKeys(unnamed: string): Kind<readonly StaticKey[]> {
  return secretKind('comma-separated keys without blanks, each `key` or `name=key`', (text) =>
    allOf(splitList(text).map((entry, at) => findKey(entry, `${unnamed}-${at + 1}`))),
  );
}

function findKey(entry: string, place: string): StaticKey | undefined {
  const [, name = place, key = entry] = NAMED.exec(entry) ?? [];
  return KEY.test(key) ? { name, key: new Secret(key) } : undefined;
}
