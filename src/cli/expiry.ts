import { findTime } from '../keys/index.js';
import { UsageError } from './usage.js';

/** When a key expires, epoch milliseconds. A day begins at midnight UTC; a time names its zone. */
export function parseExpiry(text: string, nowMs: number): number {
  const expiresAt = findTime(text);
  if (expiresAt === undefined)
    throw new UsageError(`--expires takes a day like 2027-01-01 or a time like 2027-01-01T09:00:00Z; found "${text}".`);
  if (expiresAt <= nowMs) throw new UsageError(`--expires must lie in the future; ${text} does not.`);
  return expiresAt;
}
