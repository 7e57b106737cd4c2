import { createHash } from 'node:crypto';

const SHOWN_DIGITS = 12;

/** A short name of what a configuration file says: another for another content, the same in every process that reads the same. */
export function versionOf(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(content ?? {}))
    .digest('hex')
    .slice(0, SHOWN_DIGITS);
}
