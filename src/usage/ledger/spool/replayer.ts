import type { PatientWriter } from '../patient-writer.js';
import type { SpoolEpisodes } from './spool-episodes.js';
import type { Spool } from './spool.js';

const BATCH_ROWS = 512;

/** What became of rows on disk. */
export interface Replayed {
  /** Rows of this process of which nothing more can become. */
  readonly own: number;
  /** Rows that could not be read, whosever they were. */
  readonly unread: number;
}

/** Brings rows from disk to the database, in the order in which they came. */
export class Replayer {
  constructor(
    private readonly spool: Spool,
    private readonly writer: PatientWriter,
    private readonly episodes: SpoolEpisodes,
  ) {}

  /** The oldest segment, from its first row to its last however long that takes, or until the writer is stopped. */
  async replayOldest(): Promise<Replayed> {
    const replay = await this.spool.openOldest();
    if (!replay) return { own: 0, unread: 0 };
    let all = 0;
    for (let rows = replay.take(BATCH_ROWS); rows.length > 0; rows = replay.take(BATCH_ROWS)) {
      const done = await this.writer.write(rows);
      replay.finish(done);
      all += done;
      if (rows.length > 0) return { own: replay.isAdopted ? 0 : all, unread: 0 };
    }
    const unread = await replay.end();
    this.episodes.lost(unread);
    if (this.spool.isEmpty) this.episodes.ended();
    return { own: replay.isAdopted ? 0 : all + unread, unread };
  }
}
