import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller, Role } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { makeId } from '../core/ids.js';
import { CONFIG, LOG, type Config, type Log } from '../platform/index.js';
import { invalidKey } from './credentials.js';
import type { KeyRecord, NewKey } from './key-record.js';
import { digestOf, findKeyParts, makeKeyParts, toKeyText } from './key-text.js';
import type { KnownKey } from './known-key.js';
import { KnownKeys } from './known-keys.js';
import { KeysStore } from './keys.store.js';
import { StaticKeys } from './static-keys.js';

export interface KeyWishes {
  readonly name: string;
  readonly role: Role;
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt?: number | undefined;
  /** See `Caller.allowProviderState`; not unless wished for. */
  readonly allowProviderState?: boolean | undefined;
}

/** An unknown key is compared with this, so that it takes the same way as a known one. */
const NO_SECRET = Buffer.alloc(32);

@Injectable()
export class KeysService {
  private readonly fixed: StaticKeys;
  private readonly known: KnownKeys;

  constructor(
    private readonly store: KeysStore,
    @Inject(CONFIG) config: Pick<Config, 'keys'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) log: Log,
  ) {
    this.fixed = new StaticKeys(config.keys);
    this.known = new KnownKeys((publicIds) => store.findByPublicIds(publicIds), clock, log);
  }

  /**
   * Who presents this key. Synchronous whenever the key is remembered, which is always on a busy path: then a call
   * waits for nothing. Throws, or rejects with, `unauthenticated`; `service_unavailable` if the database cannot be asked.
   */
  authenticate(presented: string): Caller | Promise<Caller> {
    const fixed = this.fixed.find(presented);
    if (fixed) return fixed;
    const parts = findKeyParts(presented);
    if (!parts) throw invalidKey();
    const known = this.known.find(parts.publicId);
    if (!(known instanceof Promise)) return this.verify(known, parts.secret);
    return known.catch(cannotCheck).then((found) => this.verify(found, parts.secret));
  }

  async create(wishes: KeyWishes): Promise<NewKey> {
    const [made] = await this.createAll([wishes]);
    return made!;
  }

  /** All of them, or none. */
  async createAll(wishes: readonly KeyWishes[]): Promise<readonly NewKey[]> {
    const made = wishes.map((wish) => this.make(wish));
    await this.store.insert(made.map(({ record, secretHash }) => ({ ...record, secretHash })));
    return made.map(({ key, record }) => ({ key, record }));
  }

  /** Newest first, with those that are revoked or expired. */
  list(): Promise<readonly KeyRecord[]> {
    return this.store.list();
  }

  hasAny(): Promise<boolean> {
    return this.store.hasAny();
  }

  /** Ends a key: at once in this process, within 5 s in others. Revoking again changes nothing. undefined if there is no such key. */
  async revoke(publicId: string): Promise<KeyRecord | undefined> {
    const record = await this.store.revoke(publicId, this.clock.now());
    this.known.forget(publicId);
    return record;
  }

  private make({ name, role, expiresAt, allowProviderState = false }: KeyWishes): NewKey & { readonly secretHash: Uint8Array } {
    const parts = makeKeyParts();
    const { publicId } = parts;
    const createdAt = this.clock.now();
    const record = { id: makeId(createdAt), publicId, name, role, createdAt, expiresAt, revokedAt: undefined, allowProviderState };
    return { key: toKeyText(parts), record, secretHash: digestOf(parts.secret) };
  }

  private verify(known: KnownKey | undefined, secret: string): Caller {
    const isRight = timingSafeEqual(digestOf(secret), known?.secretHash ?? NO_SECRET);
    if (!known || !isRight || known.isRevoked || known.expiresAt <= this.clock.now()) throw invalidKey();
    return known.caller;
  }
}

function cannotCheck(cause: unknown): never {
  const message = 'This API key cannot be checked at the moment, because the database does not answer. Try again in a few seconds.';
  throw new GatewayError('service_unavailable', message, { retryAfterMs: 2_000, cause });
}
