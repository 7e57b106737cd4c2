import type { Logger } from 'pino';

/** Injection token of the process's logger: one JSON line per event, `{ event: 'snake_case', … }`. */
export const LOG = Symbol('LOG');
export type Log = Logger;
