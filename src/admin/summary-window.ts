import { GatewayError } from '../core/errors.js';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const QUARTER_MS = 900_000;
const USUAL_HOURS = 24;
/** Thirteen months, whichever they are. */
export const MOST_DAYS = 397;

/** A time that ends now. */
export interface SummaryWindow {
  readonly hours: number;
  /** Epoch milliseconds: the beginning of a quarter of an hour, by which calls are summed up. */
  readonly since: number;
  readonly until: number;
}

/** `window` as in `36h` or `30d`, or else so many hours. Throws `invalid_request` where both are given, or more than 13 months. */
export function toSummaryWindow(window: string | undefined, windowHours: number | undefined, nowMs: number): SummaryWindow {
  if (window !== undefined && windowHours !== undefined)
    throw new GatewayError('invalid_request', '`window` and `window_hours` say the same: leave one of them out.', { param: 'window' });
  const hours = window === undefined ? (windowHours ?? USUAL_HOURS) : hoursOf(window);
  if (hours > MOST_DAYS * DAY_HOURS)
    throw new GatewayError('invalid_request', `\`window\` must be at most ${MOST_DAYS}d.`, { param: 'window' });
  const since = nowMs - hours * HOUR_MS;
  return { hours, since: since - (since % QUARTER_MS), until: nowMs };
}

function hoursOf(window: string): number {
  const count = Number.parseInt(window, 10);
  return window.endsWith('d') ? count * DAY_HOURS : count;
}
