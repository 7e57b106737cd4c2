import { randomInt } from 'node:crypto';
import type { Answer, Verdict } from './delivery.js';

/** Eight attempts within 22 h 45 min, give or take: after 15 s, 1, 4, 16 and 64 min, 4 h 16 min and 17 h. */
export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 15_000;
const GROWTH = 4;
/** Of each delay, up or down, so that what failed together does not come back together. */
const JITTER = 0.2;
/** Of what waiting hardly cures: the receiver refuses the message, points elsewhere, or may not be reached. */
export const MAX_REFUSED_ATTEMPTS = 3;
/** A receiver's own wish is granted up to there. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

const GONE = 410;
/** Refusals that waiting can cure. */
const PASSING = new Set([408, 425, 429]);
const SPREAD = 2 ** 32;

/**
 * What becomes of a delivery after so many attempts. Answers of 2xx have taken it; of 410 (Standard Webhooks) want nothing more;
 * of 3xx and 4xx hardly ever will; the rest, and silence, may do later. `random` is from 0 to 1.
 */
export function verdictOf(answer: Answer, attempts: number, random: () => number = randomFraction): Verdict {
  if (answer.error === undefined) return { state: 'delivered' };
  if (answer.status === GONE) return { state: 'failed', isGone: true };
  if (attempts >= (isHopeless(answer) ? MAX_REFUSED_ATTEMPTS : MAX_ATTEMPTS)) return { state: 'failed', isGone: false };
  const wishedMs = Math.min(answer.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  return { state: 'pending', inMs: Math.max(wishedMs, delayMs(attempts, random())) };
}

function delayMs(attempts: number, fraction: number): number {
  return Math.round(FIRST_DELAY_MS * GROWTH ** (attempts - 1) * (1 - JITTER + 2 * JITTER * fraction));
}

function isHopeless({ status, isRefused }: Answer): boolean {
  return isRefused || (status !== undefined && status < 500 && !PASSING.has(status));
}

function randomFraction(): number {
  return randomInt(SPREAD) / SPREAD;
}
