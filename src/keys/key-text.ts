import { hash, randomInt } from 'node:crypto';

/** Letters and digits without those that people mistake for one another: 57 of them, 5.83 bits each. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PUBLIC_ID_CHARS = 12;
/** 36 characters are 209 bits. */
const SECRET_CHARS = 36;
const PUBLIC_ID = /^[2-9A-HJ-NP-Za-km-z]{12}$/;
const KEY = /^tg-([2-9A-HJ-NP-Za-km-z]{12})-([2-9A-HJ-NP-Za-km-z]{32,64})$/;

/** The two parts of `tg-<public id>-<secret>`. The public id may be shown and logged; the secret never. */
export interface KeyParts {
  readonly publicId: string;
  readonly secret: string;
}

/** Can it be the public id of one of our keys? */
export function isPublicId(text: string): boolean {
  return PUBLIC_ID.test(text);
}

export function makeKeyParts(): KeyParts {
  return { publicId: randomText(PUBLIC_ID_CHARS), secret: randomText(SECRET_CHARS) };
}

export function toKeyText({ publicId, secret }: KeyParts): string {
  return `tg-${publicId}-${secret}`;
}

/** undefined if the text cannot be one of our keys. */
export function findKeyParts(text: string): KeyParts | undefined {
  const match = KEY.exec(text);
  return match ? { publicId: match[1]!, secret: match[2]! } : undefined;
}

/** What is stored of a secret. One plain round is enough: nobody guesses 209 random bits, and it is paid on every call. */
export function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function randomText(chars: number): string {
  return Array.from({ length: chars }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('');
}
