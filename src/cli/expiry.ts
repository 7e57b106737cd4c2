import { UsageError } from './usage.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** When a key expires, epoch milliseconds. A day begins at midnight UTC; a time names its zone. */
export function parseExpiry(text: string, nowMs: number): number {
  const expiresAt = DAY.test(text) || TIME.test(text) ? Date.parse(text) : NaN;
  // 30 February is read as 2 March.
  const isReal = !Number.isNaN(expiresAt) && (!DAY.test(text) || new Date(expiresAt).toISOString().startsWith(text));
  if (!isReal) throw new UsageError(`--expires takes a day like 2027-01-01 or a time like 2027-01-01T09:00:00Z; found "${text}".`);
  if (expiresAt <= nowMs) throw new UsageError(`--expires must lie in the future; ${text} does not.`);
  return expiresAt;
}
