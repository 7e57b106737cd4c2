import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../../core/clock.js';
import { type Log, reasonOf } from '../../../platform/index.js';
import { syncFolder } from './spool-folder.js';

/** Rows that the database will never take, one JSON object a line: for people to look at. All processes on a volume share the file. */
export class RefusedRows {
  private readonly file: string;

  constructor(
    private readonly options: { readonly dir: string; readonly maxBytes: number },
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {
    this.file = path.join(options.dir, 'refused.jsonl');
  }

  /** Resolves when it is on the disk, or cannot be; the log has the row in any case. */
  async keep(line: string, reason: string): Promise<void> {
    const entry = JSON.stringify({ refused_at: new Date(this.clock.now()).toISOString(), reason, line });
    try {
      await this.append(`${entry}\n`);
    } catch (error) {
      this.log.error({ event: 'ledger_refused_unkept', file: this.file, reason: reasonOf(error) }, 'A refused row is in the log alone.');
    }
  }

  private async append(entry: string): Promise<void> {
    await mkdir(this.options.dir, { recursive: true, mode: 0o700 });
    const file = await open(this.file, 'a', 0o600);
    try {
      const { size } = await file.stat();
      if (size + Buffer.byteLength(entry) > this.options.maxBytes) throw new Error(`the file has ${size} bytes`);
      await file.write(entry);
      await file.sync();
      if (size === 0) await syncFolder(this.options.dir);
    } finally {
      await file.close();
    }
  }
}
