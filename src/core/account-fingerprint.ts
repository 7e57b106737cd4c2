import { hash } from 'node:crypto';

const DIGITS = 16;

/** Names an account without telling its key: the first 16 hexadecimal digits of the key's SHA-256. No key is an account too. */
export function accountFingerprint(key = ''): string {
  return hash('sha256', key, 'hex').slice(0, DIGITS);
}
