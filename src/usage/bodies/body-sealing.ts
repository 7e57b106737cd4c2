import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '../../platform/index.js';

const VERSION = 1;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const ID_BYTES = 6;
/** What NIST SP 800-38D recommends. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;

/** Where a sealed body belongs; it opens nowhere else. */
export interface BodyPlace {
  readonly callId: string;
  readonly part: 'request' | 'answer';
}

/** A body cannot be opened; `message` says why, and nothing of the body. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * Bodies encrypted with AES-256-GCM, as version (1 byte), nonce (12), ciphertext and tag (16). The newest of `TOLLGATE_SECRET_KEYS`
 * seals, each of them opens. Every call has a key of its own, derived from the secret with HKDF-SHA-256: under one key for all, nonces
 * made at random would after some 2^32 bodies no longer be safe. The secret's id, the call's and which part it is are authenticated too.
 */
export class BodySealing {
  private readonly secrets: ReadonlyMap<string, Secret>;
  /** The id of the secret that seals; undefined where there is none. */
  readonly newestId: string | undefined;

  /** Newest first. */
  constructor(secrets: readonly Secret[]) {
    const named = secrets.map((secret) => [idOf(secret), secret] as const);
    this.newestId = named[0]?.[0];
    this.secrets = new Map(named);
  }

  /** With the secret `newestId`. Throws where there is none. */
  seal(body: Buffer, place: BodyPlace): Buffer {
    if (this.newestId === undefined) throw new Error('There is no key to encrypt with. Set TOLLGATE_SECRET_KEYS.');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, keyOf(this.secrets.get(this.newestId)!, place), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(this.newestId, place));
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `Unreadable`. */
  open(sealed: Buffer, secretId: string, place: BodyPlace): Buffer {
    const secret = this.secrets.get(secretId);
    if (!secret) throw new Unreadable(`It was encrypted with the key ${secretId}, which is not among TOLLGATE_SECRET_KEYS any more.`);
    if (sealed[0] !== VERSION || sealed.length < HEAD_BYTES + TAG_BYTES) throw new Unreadable('It is not in a form that is known here.');
    const decipher = createDecipheriv(CIPHER, keyOf(secret, place), sealed.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(secretId, place));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new Unreadable('It was altered, or encrypted for another call.', { cause });
    }
  }
}

function boundTo(secretId: string, { callId, part }: BodyPlace): Buffer {
  return Buffer.from(`body${VERSION}.${secretId}.${callId}.${part}`);
}

function keyOf(secret: Secret, { callId }: BodyPlace): Buffer {
  return derive(secret, callId, 'tollgate body key', KEY_BYTES);
}

function idOf(secret: Secret): string {
  return derive(secret, '', 'tollgate sealing key id', ID_BYTES).toString('base64url');
}

function derive(secret: Secret, salt: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), salt, purpose, bytes));
}
