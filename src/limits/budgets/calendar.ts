/** Those that clocks on the wall have; weeks begin on Monday. */
export type CalendarUnit = 'day' | 'week' | 'month';

/** From `startsAt` until before `endsAt`, epoch milliseconds. */
export interface Span {
  readonly startsAt: number;
  readonly endsAt: number;
}

const DAY_MS = 86_400_000;
/** No zone is further from UTC, and none changes its clocks twice within twice that time. */
const FAR_MS = 1.5 * DAY_MS;
const FIELDS = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;
const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * The day, week or month of a time zone in which `nowMs` lies. It begins with the first moment of its date: where clocks are put back
 * over midnight, at the first of the two; where they are put forward over it, when the date begins at all.
 */
export function calendarSpan(unit: CalendarUnit, timeZone: string, nowMs: number): Span {
  let wall = beginningOf(unit, wallTimeOf(timeZone, nowMs));
  for (;;) {
    const next = following(unit, wall);
    const endsAt = firstMomentOf(timeZone, next);
    // Clocks that were put back into the day before show a date that was over already.
    if (nowMs < endsAt) return { startsAt: firstMomentOf(timeZone, wall), endsAt };
    wall = next;
  }
}

/** Wall times are what clocks show, as epoch milliseconds of the same clock face in UTC. */
function beginningOf(unit: CalendarUnit, wall: number): number {
  const date = new Date(wall);
  const day = unit === 'month' ? 1 : date.getUTCDate() - (unit === 'week' ? (date.getUTCDay() + 6) % 7 : 0);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day);
}

function following(unit: CalendarUnit, wall: number): number {
  const date = new Date(wall);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return wall + (unit === 'week' ? 7 : 1) * DAY_MS;
}

/** When clocks first show `wall`, or where they leave it out, anything later. */
function firstMomentOf(timeZone: string, wall: number): number {
  const around = [wall - FAR_MS, wall + FAR_MS].map((ms) => wall - (wallTimeOf(timeZone, ms) - ms));
  const shown = around.filter((ms) => wallTimeOf(timeZone, ms) === wall);
  return shown.length > 0 ? Math.min(...shown) : momentAfterGap(timeZone, wall);
}

function momentAfterGap(timeZone: string, wall: number): number {
  let before = wall - FAR_MS;
  let after = wall + FAR_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallTimeOf(timeZone, middle) < wall) before = middle;
    else after = middle;
  }
  return after;
}

function wallTimeOf(timeZone: string, ms: number): number {
  const [, month, day, year, hour, minute, second] = FIELDS.exec(clockOf(timeZone).format(ms))!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second) + (((ms % 1_000) + 1_000) % 1_000);
}

/** Making one takes fifty times as long as asking it. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  return clock;
}
