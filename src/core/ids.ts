import { randomBytes } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL_BYTES = 10 * 512;
let pool = Buffer.alloc(0);
let next = 0;

/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of `nowMs`, then random. Rises with time, so that rows made together lie together.
 * Random bytes are drawn 512 ids at a time: a draw per id costs more than the id.
 */
export function makeId(nowMs: number): string {
  if (next + 10 > pool.length) {
    pool = randomBytes(POOL_BYTES);
    next = 0;
  }
  const at = next;
  next += 10;
  const time = nowMs.toString(16).padStart(12, '0');
  const byte = (offset: number): string => HEX[pool[at + offset]!]!;
  const version = HEX[0x70 | (pool[at]! & 0x0f)]!;
  const variant = HEX[0x80 | (pool[at + 2]! & 0x3f)]!;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${byte(1)}-${variant}${byte(3)}-${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's own label for a request if it is one we can carry, else a new one. Labels need not be unique. */
export function toRequestId(header: string | string[] | undefined, nowMs: number): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : `req_${makeId(nowMs).replaceAll('-', '')}`;
}
