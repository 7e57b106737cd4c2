import type { Clock } from '../core/clock.js';
import type { Log } from '../platform/index.js';
import { KeyLookups } from './key-lookups.js';
import type { StoredKey } from './key-record.js';
import { toKnownKey, type KnownKey } from './known-key.js';

/** A record younger than this is the truth; one half as old is renewed while it is served, so that a busy key never waits. */
const FRESH_MS = 5_000;
const RENEW_AFTER_MS = FRESH_MS / 2;
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
}

/**
 * The keys of the database, remembered: what was said at most 5 s ago is answered at once and synchronously, so a
 * revocation holds everywhere within 5 s. While the database fails, records serve on until they are 10 minutes old.
 */
export class KnownKeys {
  private readonly known = new Map<string, Entry>();
  private readonly unknown = new Map<string, number>();
  private readonly lookups: KeyLookups;
  private failing = false;
  private retryAtMs = 0;
  /** Rises whenever something is forgotten, so that an answer that was under way then is not remembered. */
  private epoch = 0;

  constructor(
    private readonly load: (publicIds: readonly string[]) => Promise<readonly StoredKey[]>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.lookups = new KeyLookups((publicIds) => this.loadAndRemember(publicIds));
  }

  /** Rejects when the database must be asked and cannot be. */
  find(publicId: string): KnownKey | undefined | Promise<KnownKey | undefined> {
    const nowMs = this.clock.elapsed();
    const entry = this.known.get(publicId);
    const ageMs = entry ? nowMs - entry.askedAtMs : Infinity;
    if (entry && ageMs < RENEW_AFTER_MS) return entry.key;
    if (entry && ageMs < KEEP_MS) return this.renew(publicId, entry, nowMs);
    if (entry) this.known.delete(publicId);
    if ((this.unknown.get(publicId) ?? 0) > nowMs) return undefined;
    if (this.lookups.waiting >= MAX_ASKED) return Promise.reject(new Error('too many unknown keys at once'));
    return this.lookUp(publicId);
  }

  forget(publicId: string): void {
    this.epoch += 1;
    this.known.delete(publicId);
    this.unknown.delete(publicId);
  }

  private renew(publicId: string, entry: Entry, nowMs: number): KnownKey | Promise<KnownKey | undefined> {
    if (this.failing && nowMs < this.retryAtMs) return entry.key;
    const renewed = this.lookUp(publicId).catch(() => entry.key);
    return this.failing || nowMs - entry.askedAtMs < FRESH_MS ? entry.key : renewed;
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
    const askedAtMs = this.clock.elapsed();
    const { epoch } = this;
    const found = new Map((await this.load(publicIds)).map((key) => [key.publicId, toKnownKey(key)]));
    this.setFailing(false);
    if (epoch !== this.epoch) return found;
    for (const publicId of publicIds) this.remember(publicId, found.get(publicId), askedAtMs);
    return found;
  }

  private remember(publicId: string, key: KnownKey | undefined, askedAtMs: number): void {
    if (key) {
      this.unknown.delete(publicId);
      put(this.known, publicId, { key, askedAtMs }, MAX_KNOWN);
    } else {
      this.known.delete(publicId);
      put(this.unknown, publicId, askedAtMs + UNKNOWN_MS, MAX_UNKNOWN);
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
