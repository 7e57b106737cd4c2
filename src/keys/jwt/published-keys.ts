import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import { uncheckedToken } from './token-errors.js';
import type { TokenKeys, VerificationKey } from './token-keys.js';

/** Keys younger than this are the truth; those half as old are renewed while they serve, so that nobody waits on a busy gateway. */
const FRESH_MS = 600_000;
/** How long they serve on while their endpoint is away. */
const KEEP_MS = 86_400_000;
/** Between two fetches, whoever presents whatever. */
const PAUSE_MS = 30_000;
/** The same while there are no keys at all. */
const FIRST_PAUSE_MS = 1_000;

interface Published {
  readonly text: string;
  readonly key: VerificationKey;
  /** When they were asked for, not when they came: they may be that old. */
  readonly askedAtMs: number;
}

/**
 * The keys that an identity provider publishes (a JSON Web Key Set, RFC 7517), remembered. They are fetched anew when they are
 * 5 minutes old and used, and when a token names a key that is not among them, though not within 30 s of the last time. While
 * the endpoint is away they serve on until they are a day old.
 */
export class PublishedKeys implements TokenKeys {
  private published: Published | undefined;
  private triedAtMs = -Infinity;
  private isFailing = false;
  private fetching: Promise<void> | undefined;

  /** `load` resolves with the text of the key set. */
  constructor(
    private readonly load: () => Promise<string>,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly log: Log,
  ) {}

  /** Resolves when they have been asked for, however that went. */
  start(): Promise<void> {
    return this.fetch();
  }

  current(): VerificationKey | Promise<VerificationKey> {
    const published = this.findKept();
    if (!published) return this.awaitFirst();
    const ageMs = this.clock.elapsed() - published.askedAtMs;
    if (ageMs < FRESH_MS / 2 || !this.mayFetch(PAUSE_MS)) return published.key;
    const fetched = this.fetch();
    if (ageMs < FRESH_MS || this.isFailing) return published.key;
    return fetched.then(() => this.published!.key);
  }

  async renewed(known: VerificationKey): Promise<VerificationKey | undefined> {
    const published = this.findKept();
    if (published && published.key !== known) return published.key;
    if (this.mayFetch(PAUSE_MS)) await this.fetch();
    if (this.isFailing) throw cannotBeFetched();
    return this.published!.key === known ? undefined : this.published!.key;
  }

  private findKept(): Published | undefined {
    return this.published && this.clock.elapsed() - this.published.askedAtMs < KEEP_MS ? this.published : undefined;
  }

  private async awaitFirst(): Promise<VerificationKey> {
    if (this.mayFetch(FIRST_PAUSE_MS)) await this.fetch();
    const published = this.findKept();
    if (!published) throw cannotBeFetched();
    return published.key;
  }

  /** Whoever comes while they are being fetched waits for that. */
  private mayFetch(pauseMs: number): boolean {
    return this.fetching !== undefined || this.clock.elapsed() - this.triedAtMs >= pauseMs;
  }

  private fetch(): Promise<void> {
    this.fetching ??= this.fetchNow().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetchNow(): Promise<void> {
    const askedAtMs = this.clock.elapsed();
    this.triedAtMs = askedAtMs;
    try {
      const text = await this.load();
      const key = text === this.published?.text ? this.published.key : createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
      this.published = { text, key, askedAtMs };
      this.noteSuccess();
    } catch (error) {
      this.noteFailure(error);
    }
  }

  private noteSuccess(): void {
    if (this.isFailing) this.log.info({ event: 'jwt_keys_read' }, 'The keys that JWTs are signed with can be read again.');
    this.isFailing = false;
  }

  private noteFailure(error: unknown): void {
    const message = 'The keys that JWTs are signed with cannot be read; those known already serve on for a day.';
    if (!this.isFailing) this.log.warn({ event: 'jwt_keys_unread', reason: reasonOf(error) }, message);
    this.isFailing = true;
  }
}

function cannotBeFetched(): Error {
  return uncheckedToken('the keys that tokens are signed with cannot be read');
}

/** A failed connection to several addresses has no message of its own, only a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  return message || String(code);
}
