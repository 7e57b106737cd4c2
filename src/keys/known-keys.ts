import type { Clock } from '../core/clock.js';
import type { Log } from '../platform/index.js';
import { KeyLookups } from './key-lookups.js';
import type { StoredKey } from './key-record.js';
import { KnownKey } from './known-key.js';

/**
 * A record younger than this is the truth; one half as old is renewed while it is served, so that a busy key never waits.
 * Longer where changes are heard of: then this is only how soon a missed message heals.
 */
const FRESH_LISTENING_MS = 30_000;
const FRESH_DEAF_MS = 1_000;
/** How long a record serves on while the database cannot be asked. */
const KEEP_MS = 600_000;
const UNKNOWN_MS = 2_000;
/** Between two background look-ups while the database is failing. */
const RETRY_MS = 1_000;
const MAX_KNOWN = 100_000;
const MAX_UNKNOWN = 10_000;
/** Keys never seen before, in one question; what comes on top of them is a flood and is turned away. */
const MAX_ASKED = 1_000;

interface Entry {
  readonly key: KnownKey;
  /** When the database was asked, not when it answered: what it said may be that old. */
  readonly askedAtMs: number;
  /** The gaps in what is heard of, until then. */
  readonly gaps: number;
}

/** Whether changes of keys are heard of as they are made. */
export interface KeyNews {
  readonly isListening: boolean;
}

/**
 * The keys of the database, remembered and answered at once and synchronously. A change holds everywhere within a second: it
 * is heard of, or where nothing can be heard, records are that short-lived. While the database fails, they serve on until they
 * are 10 minutes old.
 */
export class KnownKeys {
  private readonly known = new Map<string, Entry>();
  private readonly unknown = new Map<string, number>();
  private readonly lookups: KeyLookups;
  private failing = false;
  private retryAtMs = 0;
  private gaps = 0;
  /** For each question under way, what was forgotten since it was asked: of that, its answer is not remembered. */
  private readonly asking = new Set<Set<string>>();

  constructor(
    private readonly load: (publicIds: readonly string[]) => Promise<readonly StoredKey[]>,
    private readonly news: KeyNews,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly log: Log,
  ) {
    this.lookups = new KeyLookups((publicIds) => this.loadAndRemember(publicIds));
  }

  /** Rejects when the database must be asked and cannot be. */
  find(publicId: string): KnownKey | undefined | Promise<KnownKey | undefined> {
    const nowMs = this.clock.elapsed();
    const entry = this.known.get(publicId);
    if (entry) {
      const freshMs = this.freshMsOf(entry);
      const ageMs = nowMs - entry.askedAtMs;
      if (ageMs < freshMs / 2) return entry.key;
      if (ageMs < KEEP_MS) return this.renew(publicId, entry, ageMs < freshMs);
      this.known.delete(publicId);
    }
    if ((this.unknown.get(publicId) ?? 0) > nowMs) return undefined;
    if (this.lookups.waiting >= MAX_ASKED) return Promise.reject(new Error('too many unknown keys at once'));
    return this.lookUp(publicId);
  }

  /** It has changed: what was known of it serves no more, not even while the database fails. */
  forget(publicId: string): void {
    this.known.delete(publicId);
    this.unknown.delete(publicId);
    for (const forgotten of this.asking) forgotten.add(publicId);
  }

  /** Any of them may have changed: each is asked for again before it serves, and serves on only while the database fails. */
  doubtAll(): void {
    this.gaps += 1;
    this.unknown.clear();
  }

  private freshMsOf({ gaps }: Entry): number {
    if (gaps !== this.gaps) return 0;
    return this.news.isListening ? FRESH_LISTENING_MS : FRESH_DEAF_MS;
  }

  private renew(publicId: string, entry: Entry, isFresh: boolean): KnownKey | Promise<KnownKey | undefined> {
    if (this.failing && this.clock.elapsed() < this.retryAtMs) return entry.key;
    const renewed = this.lookUp(publicId).catch((error: unknown) => this.serveOn(publicId, error));
    if (!this.failing && !isFresh) return renewed;
    renewed.catch(() => undefined);
    return entry.key;
  }

  /** Unless it was forgotten meanwhile. */
  private serveOn(publicId: string, error: unknown): KnownKey {
    const entry = this.known.get(publicId);
    if (!entry) throw error;
    return entry.key;
  }

  private async lookUp(publicId: string): Promise<KnownKey | undefined> {
    try {
      return await this.lookups.find(publicId);
    } catch (error) {
      this.retryAtMs = this.clock.elapsed() + RETRY_MS;
      this.setFailing(true, error);
      throw error;
    }
  }

  private async loadAndRemember(publicIds: readonly string[]): Promise<ReadonlyMap<string, KnownKey>> {
    const asked = { askedAtMs: this.clock.elapsed(), gaps: this.gaps };
    const forgotten = new Set<string>();
    this.asking.add(forgotten);
    try {
      const found = new Map((await this.load(publicIds)).map((key) => [key.publicId, new KnownKey(key)]));
      this.setFailing(false);
      for (const publicId of publicIds) if (!forgotten.has(publicId)) this.remember(publicId, found.get(publicId), asked);
      return found;
    } finally {
      this.asking.delete(forgotten);
    }
  }

  private remember(publicId: string, key: KnownKey | undefined, asked: Omit<Entry, 'key'>): void {
    if (key) {
      this.unknown.delete(publicId);
      put(this.known, publicId, { key, ...asked }, MAX_KNOWN);
    } else {
      this.known.delete(publicId);
      if (asked.gaps === this.gaps) put(this.unknown, publicId, asked.askedAtMs + UNKNOWN_MS, MAX_UNKNOWN);
    }
  }

  private setFailing(failing: boolean, error?: unknown): void {
    if (failing === this.failing) return;
    this.failing = failing;
    if (failing)
      this.log.warn({ event: 'key_store_down', reason: reasonOf(error) }, 'API keys cannot be looked up; known ones keep working');
    else this.log.info({ event: 'key_store_up' }, 'API keys can be looked up again');
  }
}

/** Prisma's errors show the code that asked before they say, last, what is wrong. */
function reasonOf(error: unknown): string {
  return String(error).trimEnd().split('\n').at(-1)!;
}

/** Sets an entry; when there are too many, the one set longest ago makes room. */
function put<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value!);
}
