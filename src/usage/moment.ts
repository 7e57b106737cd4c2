import { ValidateBy } from 'class-validator';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const EARLIEST = '1970-01-01';

/** A date, or a time as in RFC 3339. */
export function IsMoment(): PropertyDecorator {
  return ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value) => typeof value === 'string' && isMoment(value),
      defaultMessage: () =>
        'must be a date such as 2026-11-01 or a time as in RFC 3339 such as 2026-11-01T09:30:00Z (in a query, write the + of an offset as %2B)',
    },
  });
}

export function isDate(text: string): boolean {
  return DATE.test(text);
}

function isMoment(text: string): boolean {
  const date = isDate(text) ? text : TIME.exec(text)?.[1];
  return date !== undefined && date >= EARLIEST && isInCalendar(date) && !Number.isNaN(Date.parse(text));
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isInCalendar(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** A moment as RFC 3339 writes it at a place whose clocks are `offsetSeconds` ahead of UTC. */
export function toRfc3339(at: Date, offsetSeconds: number): string {
  const local = new Date(at.getTime() + offsetSeconds * 1000).toISOString().slice(0, -1).replace('.000', '');
  const minutes = Math.abs(Math.trunc(offsetSeconds / 60));
  const twoDigits = (part: number): string => part.toString().padStart(2, '0');
  return `${local}${offsetSeconds < 0 ? '-' : '+'}${twoDigits(Math.trunc(minutes / 60))}:${twoDigits(minutes % 60)}`;
}
