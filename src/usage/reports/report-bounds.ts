import { GatewayError } from '../../core/errors.js';
import type { Grouping, Interval } from './groupings.js';
import { DAY_MS, HOUR_MS } from './spans.js';
import { type Scope, sourceOf, groupingsOf } from './source.js';
import type { UsageSpan } from './usage.store.js';

export interface ReportShape {
  readonly scope: Scope;
  readonly interval: Interval | undefined;
  readonly groupBy: Grouping | undefined;
  readonly timeZone: string;
}

const MOST_DAYS = {
  hours: 31,
  hoursInGroups: 7,
  /** What is kept by day alone is read row by row where days are cut. */
  hoursRead: 3,
  daysRead: 31,
  /** Of everything, there are no roll-ups by user that could be read by time. */
  usersOfAll: 3,
  usersOfKey: 92,
  days: 3_660,
} as const;
/** Where clocks are put back a day has an hour more, and a span may have two such days. */
const SLACK_MS = 2 * HOUR_MS;

/** Throws `invalid_request` where a report would be no overview any more, or keep the database busy for long; says what to ask instead. */
export function refuseBeyondBounds(shape: ReportShape, { since, until }: UsageSpan): void {
  if (since.at >= until.at) throw new GatewayError('invalid_request', '`from` must be before `to`.', { param: 'from' });
  refuseUnkept(shape);
  const bound = boundOf(shape);
  if (bound && until.at.getTime() - since.at.getTime() > bound.days * DAY_MS + SLACK_MS)
    throw new GatewayError('invalid_request', bound.message, { param: bound.param });
}

function refuseUnkept({ scope, groupBy }: ReportShape): void {
  if (groupBy === undefined || sourceOf(scope, groupBy)) return;
  const accepted = groupingsOf(scope.of).map((grouping) => `\`${grouping}\``);
  throw new GatewayError(
    'invalid_request',
    `\`group_by\` must be one of ${accepted.join(', ')} with \`${scope.of}_id\`. For \`${groupBy}\`, leave \`${scope.of}_id\` out.`,
    { param: 'group_by' },
  );
}

interface Bound {
  readonly days: number;
  readonly param: 'interval' | 'from';
  readonly message: string;
}

function boundOf({ scope, interval, groupBy, timeZone }: ReportShape): Bound | undefined {
  if (groupBy === 'user' && scope.of === 'everything')
    return from(MOST_DAYS.usersOfAll, 'End users of all keys', 'set `from` to less, or `key_id` to one key');
  if (groupBy === 'user' && interval !== 'hour') return from(MOST_DAYS.usersOfKey, 'End users', 'set `from` to less');
  const isReadByRow = groupBy ? sourceOf(scope, groupBy)?.hasQuarters === false : scope.of === 'user';
  if (interval === 'hour') return hoursOf(groupBy !== undefined, isReadByRow);
  if (interval !== 'day') return undefined;
  if (isReadByRow && timeZone !== 'UTC')
    return by(
      MOST_DAYS.daysRead,
      `Days of ${groupBy ? 'this `group_by`' : 'an end user'} in a time zone`,
      '`interval=week`, or `time_zone=UTC`',
    );
  return by(MOST_DAYS.days, 'Days', '`interval=week`');
}

function hoursOf(isGrouped: boolean, isReadByRow: boolean): Bound {
  if (isReadByRow) return by(MOST_DAYS.hoursRead, isGrouped ? 'Hours of this `group_by`' : 'Hours of an end user', '`interval=day`');
  if (isGrouped) return by(MOST_DAYS.hoursInGroups, 'Hours in groups', '`interval=day`, or without `group_by`');
  return by(MOST_DAYS.hours, 'Hours', '`interval=day`');
}

function from(days: number, what: string, instead: string): Bound {
  return { days, param: 'from', message: `${what} can be reported for at most ${days} days at a time: ${instead}.` };
}

function by(days: number, what: string, instead: string): Bound {
  return {
    days,
    param: 'interval',
    message: `${what} can be reported for at most ${days} days at a time. Ask for a shorter time, or for ${instead}.`,
  };
}
