import { createHash } from 'node:crypto';

/** Known from OpenAI's error text; in no document. */
const MAX_LENGTH = 40;
const HEX_DIGITS = 32;

/** An id that Chat Completions take for a tool call: a longer one becomes a hash, the same for the call and its result. */
export function toWireCallId(id: string): string {
  return id.length <= MAX_LENGTH ? id : madeCallId(id);
}

/** An id for a call that has none, always the same for the same `seed`. */
export function madeCallId(seed: string): string {
  return `call_${createHash('sha256').update(seed).digest('hex').slice(0, HEX_DIGITS)}`;
}
