import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { makeId } from '../core/ids.js';
import type { Actor } from '../platform/index.js';
import { type KeyChanges, type KeyWishes, toAttributes } from './key-attributes.js';
import { changedKey, requireEnded, revokedKey, rotatedKey } from './key-changes.js';
import type { KeyQuestion, KeyRecord, NewKey, StoredKey } from './key-record.js';
import { digestOf, makeKeyParts, toKeyText } from './key-text.js';
import { KnownKeys } from './known-keys.js';
import { type KeyDeed, KeysStore } from './keys.store.js';
import { answered, confirmed } from './store-answers.js';

/** Who makes a key that nobody asked for, as the first ones at start. */
const THE_GATEWAY: Actor = { id: 'gateway', name: 'gateway' };

/**
 * The keys that are stored, and what administrators do with them. A change is in effect here when it resolves, and in other
 * processes within a second. Keys are named by their id or by their public id, and undefined means that there is none. Whatever
 * is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class KeysService {
  constructor(
    private readonly store: KeysStore,
    @Inject(KnownKeys) private readonly known: Pick<KnownKeys, 'forget'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `invalid_request` where there is no such team. */
  async create(wishes: KeyWishes, by: Actor = THE_GATEWAY): Promise<NewKey> {
    const [made] = await this.createAll([wishes], by);
    return made!;
  }

  /** All of them, or none. */
  async createAll(wishes: readonly KeyWishes[], by: Actor = THE_GATEWAY): Promise<readonly NewKey[]> {
    const made = wishes.map((wish) => this.make(wish));
    await confirmed(
      this.store.insert(
        made.map(({ stored }) => stored),
        by,
      ),
    );
    for (const { stored } of made) this.known.forget(stored.publicId);
    return made.map(({ key, stored }) => ({ key, record: shown(stored) }));
  }

  /** Newest first; all of them, also those that have ended, unless asked otherwise. */
  list(question: KeyQuestion = {}): Promise<readonly KeyRecord[]> {
    return answered(this.store.list(question, this.clock.now()));
  }

  find(id: string): Promise<KeyRecord | undefined> {
    return answered(this.store.find(id));
  }

  hasAny(): Promise<boolean> {
    return this.store.hasAny();
  }

  /**
   * Throws `conflict` for a revoked key, and where the key that asks would lose its own rights; `invalid_request` where there is
   * no such team.
   */
  change(id: string, changes: KeyChanges, by: Actor): Promise<KeyRecord | undefined> {
    return this.apply(id, { by, action: 'change' }, (key) => changedKey(key, changes, by.id));
  }

  /** A new secret; the old one works for another `overlapMs`. Throws `conflict` for a key that has ended. */
  async rotate(id: string, overlapMs: number, by: Actor): Promise<NewKey | undefined> {
    const { secret } = makeKeyParts();
    const nowMs = this.clock.now();
    const record = await this.apply(id, { by, action: 'rotate' }, (key) => rotatedKey(key, digestOf(secret), overlapMs, nowMs));
    return record && { key: toKeyText({ publicId: record.publicId, secret }), record };
  }

  /** Ends a key for good. Revoking again changes nothing. Throws `conflict` for the key that asks. */
  revoke(id: string, by: Actor = THE_GATEWAY): Promise<KeyRecord | undefined> {
    return this.apply(id, { by, action: 'revoke' }, (key) => revokedKey(key, this.clock.now(), by.id));
  }

  /** Takes a key that has ended out of the list; throws `conflict` for others. What it did stays in the ledger, under its id; its end users go with it. */
  delete(id: string, by: Actor): Promise<KeyRecord | undefined> {
    return this.apply(id, { by, action: 'delete' }, (key) => requireEnded(key, this.clock.now()));
  }

  private async apply(id: string, deed: KeyDeed, decide: (before: StoredKey) => StoredKey | undefined): Promise<KeyRecord | undefined> {
    const stored = await confirmed(this.store.change(id, deed, decide));
    if (stored) this.known.forget(stored.publicId);
    return stored && shown(stored);
  }

  private make(wishes: KeyWishes): { readonly key: string; readonly stored: StoredKey } {
    const parts = makeKeyParts();
    const createdAt = this.clock.now();
    const stored = {
      ...toAttributes(wishes),
      id: makeId(createdAt),
      publicId: parts.publicId,
      createdAt,
      revokedAt: undefined,
      rotatedAt: undefined,
      secretHash: digestOf(parts.secret),
      previousHash: undefined,
      previousEndsAt: undefined,
    };
    return { key: toKeyText(parts), stored };
  }
}

function shown({ secretHash: _hash, previousHash: _previous, ...record }: StoredKey): KeyRecord {
  return record;
}
