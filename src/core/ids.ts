import { randomBytes } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const RANDOM_BYTES = 10;
const POOL_BYTES = RANDOM_BYTES * 512;
let pool = Buffer.alloc(0);
let next = 0;
let lastMs = -1;
let lastMsHex = '';

/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of `nowMs`, then random. Rises with time, so that rows made together lie together.
 * Random bytes are drawn 512 ids at a time: a draw per id costs more than the id.
 */
export function makeId(nowMs: number): string {
  const at = takeRandom();
  const time = hexOf(nowMs);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(at).charAt(1)}${hex(at + 1)}-${variant(at + 2)}${hex(at + 3)}-${tail(at + 4)}`;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's own label for a request if it is one we can carry, else a new one. Labels need not be unique. */
export function toRequestId(header: string | string[] | undefined, nowMs: number): string {
  if (typeof header === 'string' && REQUEST_ID.test(header)) return header;
  const at = takeRandom();
  return `req_${hexOf(nowMs)}${hex(at)}${hex(at + 1)}${hex(at + 2)}${hex(at + 3)}${tail(at + 4)}`;
}

function takeRandom(): number {
  if (next + RANDOM_BYTES > pool.length) {
    pool = randomBytes(POOL_BYTES);
    next = 0;
  }
  const at = next;
  next += RANDOM_BYTES;
  return at;
}

/** Twelve digits; the same for every id of a millisecond, and dear to make anew. */
function hexOf(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastMsHex = ms.toString(16).padStart(12, '0');
  }
  return lastMsHex;
}

function hex(at: number): string {
  return HEX[pool[at]!]!;
}

function variant(at: number): string {
  return HEX[0x80 | (pool[at]! & 0x3f)]!;
}

function tail(at: number): string {
  return `${hex(at)}${hex(at + 1)}${hex(at + 2)}${hex(at + 3)}${hex(at + 4)}${hex(at + 5)}`;
}
