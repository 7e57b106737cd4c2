import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '../config/secret.js';

/** Stands before what is sealed, and says how it is to be read. */
const VERSION = 'sealed1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const KEY_ID_BYTES = 6;
/** What NIST SP 800-38D asks for: with a random nonce of this length one key is good for 2^32 texts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

/** A sealed text cannot be opened: its key is not among ours, or it was altered, or it belongs elsewhere. */
export class CannotOpen extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CannotOpen';
  }
}

/**
 * Texts that are kept encrypted (AES-256-GCM), as `sealed1.<key id>.<base64url>`. The newest of `TOLLGATE_SECRET_KEYS` seals, each
 * of them opens; keys and their ids are derived from them with HKDF-SHA-256. A text is sealed for a place, such as
 * `webhook <id>`, and opens for no other, so that whoever can write rows cannot move it.
 */
export class Sealing {
  private readonly newest: SealingKey | undefined;
  private readonly keys: ReadonlyMap<string, Buffer>;

  /** Newest first. */
  constructor(secrets: readonly Secret[]) {
    const keys = secrets.map(toSealingKey);
    this.newest = keys[0];
    this.keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** There is a key to seal with. */
  get canSeal(): boolean {
    return this.newest !== undefined;
  }

  /** Ask `canSeal` first: without a key it throws. */
  seal(text: string, place: string): string {
    if (!this.newest) throw new Error('There is no key to encrypt with. Set TOLLGATE_SECRET_KEYS.');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.newest.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(this.newest.id, place));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${this.newest.id}.${sealed.toString('base64url')}`;
  }

  /** Throws `CannotOpen`, which tells nothing of the text. */
  open(sealed: string, place: string): string {
    const [version, id = '', content = '', ...rest] = sealed.split('.');
    if (version !== VERSION || rest.length > 0) throw new CannotOpen('This is no sealed text.');
    const key = this.keys.get(id);
    if (!key) throw new CannotOpen(`It was encrypted with the key ${id}, which is not among TOLLGATE_SECRET_KEYS any more.`);
    try {
      return decrypt(Buffer.from(content, 'base64url'), key, boundTo(id, place));
    } catch (cause) {
      throw new CannotOpen('It was altered, or encrypted for another place.', cause);
    }
  }
}

function decrypt(bytes: Buffer, key: Buffer, bound: Buffer): string {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
}

/** What is authenticated with the text, although it does not stand in it. */
function boundTo(keyId: string, place: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${place}`, 'utf8');
}

function toSealingKey(secret: Secret): SealingKey {
  const id = derive(secret, 'tollgate sealing key id', KEY_ID_BYTES).toString('base64url');
  return { id, key: derive(secret, 'tollgate sealing key', KEY_BYTES) };
}

function derive(secret: Secret, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), '', purpose, bytes));
}
