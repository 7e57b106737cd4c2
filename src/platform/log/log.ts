import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/config.js';

/** Injection token of the process's logger: one JSON line per event, `{ event: 'snake_case', … }`. */
export const LOG = Symbol('LOG');
export type Log = Logger;

/** Injection token of where the log goes, for lines that are finished already. */
export const LOG_LINES = Symbol('LOG_LINES');
export interface LogLines {
  /** Takes one line of JSON without its line end. */
  write(line: string): void;
}

const MIN_WRITE_BYTES = 4096;
const FLUSH_MS = 250;

/** A logger and the destination it shares with the finished lines. */
export interface LogOutput {
  readonly log: Log;
  readonly lines: LogLines;
  flush(): void;
}

/** Writes to stdout in pieces of a few kilobytes, at the latest after a quarter of a second. */
export function openLog(config: Pick<Config, 'log' | 'app'>, destination?: DestinationStream): LogOutput {
  const stdout = destination ? undefined : pino.destination({ dest: 1, sync: false, minLength: MIN_WRITE_BYTES });
  if (stdout) setInterval(() => stdout.flush(), FLUSH_MS).unref();
  const stream = destination ?? stdout!;
  const log = pino({ level: config.log.level, base: { app: config.app.name } }, stream);
  const isOn = log.isLevelEnabled('info');
  return {
    log,
    lines: { write: (line) => void (isOn && stream.write(`${line}\n`)) },
    flush: () => stdout?.flushSync(),
  };
}
