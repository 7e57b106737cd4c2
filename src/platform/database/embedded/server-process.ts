import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onLeash } from './leash.js';
import { NATIVE_ENV, nativeBinary } from './native-command.js';
import type { Account } from './service-account.js';

const TAIL_CHARS = 4_000;
const FAREWELL_MS = 10_000;
const LAST_WORDS_MS = 100;

const isWindows = process.platform === 'win32';

export interface ServerOptions {
  readonly nativeDir: string;
  readonly args: readonly string[];
  readonly pgdata: string;
  readonly account: Account | undefined;
  readonly onLine: (line: string) => void;
}

/** A Postgres server that is our child. */
export class ServerProcess {
  /** Resolves with its last words when it has ended. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private tail = '';

  constructor(private readonly options: ServerOptions) {
    const { nativeDir, args, pgdata, account, onLine } = options;
    const [command, ...rest] = onLeash([nativeBinary(nativeDir, 'postgres'), ...args]);
    // A session of its own: Ctrl-C in a terminal is for us, and we stop the server when we no longer need it.
    const surroundings = { ...account, cwd: pgdata, env: NATIVE_ENV, detached: true, windowsHide: true };
    this.child = spawn(command!, rest, { ...surroundings, stdio: ['pipe', 'ignore', 'pipe'] });
    this.child.stdin!.on('error', () => undefined);
    this.letGo();
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => this.hear(text, onLine));
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', () => {
        this.child.stdin!.destroy();
        // Its last words may still be on the way; a process it left behind may keep that way open.
        void Promise.race([once(this.child, 'close'), sleep(LAST_WORDS_MS)]).then(() => resolve(this.tail.trim()));
      });
    });
  }

  get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** It does not keep us alive: when there is nothing else left to do, we end, and it with us. */
  private letGo(): void {
    this.child.unref();
    for (const pipe of [this.child.stdin, this.child.stderr]) (pipe as Socket).unref();
  }

  /** A fast shutdown: open transactions are rolled back, and the next start needs no recovery. */
  async stop(): Promise<void> {
    this.child.ref();
    this.child.stdin!.end();
    if (isWindows) execFile(nativeBinary(this.options.nativeDir, 'pg_ctl'), ['stop', '-D', this.options.pgdata, '-m', 'fast']);
    const slow = await Promise.race([this.ended.then(() => false), sleep(FAREWELL_MS, true, { ref: false })]);
    if (!slow || !this.isRunning) return;
    process.kill(isWindows ? this.child.pid! : -this.child.pid!, 'SIGKILL');
    await this.ended;
  }

  private hear(text: string, onLine: (line: string) => void): void {
    this.tail = (this.tail + text).slice(-TAIL_CHARS);
    for (const line of text.split('\n')) if (line) onLine(line);
  }
}
