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

/** A write is a trip through the thread pool: a busy gateway makes one for dozens of lines. */
const MIN_WRITE_BYTES = 64 * 1024;
const MAX_WRITE_BYTES = 2 * MIN_WRITE_BYTES;
const FLUSH_MS = 250;

/** A logger and the destination it shares with the finished lines. */
export interface LogOutput {
  readonly log: Log;
  readonly lines: LogLines;
  flush(): void;
}

/** Writes to stdout in large pieces, at the latest after a quarter of a second. */
export function openLog(config: Pick<Config, 'log' | 'app'>, destination?: DestinationStream): LogOutput {
  const stdout = destination
    ? undefined
    : pino.destination({ dest: 1, sync: false, minLength: MIN_WRITE_BYTES, maxWrite: MAX_WRITE_BYTES });
  if (stdout) setInterval(() => stdout.flush(), FLUSH_MS).unref();
  const stream = destination ?? stdout!;
  const log = pino({ level: config.log.level, base: { app: config.app.name } }, stream);
  const isOn = log.isLevelEnabled('info');
  const lines = new JoinedLines(stream);
  return {
    log,
    lines: { write: (line) => void (isOn && lines.add(line)) },
    flush: () => {
      lines.flush();
      stdout?.flushSync();
    },
  };
}

const MAX_LINES = 64;
const MAX_LINE_AGE_MS = 20;

/** Hands finished lines on by the dozen: each write to the stream is dearer than the line. */
class JoinedLines {
  private readonly waiting: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly stream: DestinationStream) {}

  add(line: string): void {
    this.waiting.push(line);
    if (this.waiting.length >= MAX_LINES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), MAX_LINE_AGE_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length > 0) this.stream.write(`${this.waiting.splice(0).join('\n')}\n`);
  }
}
