import { hash } from 'node:crypto';

const ACCEPTED = /^[a-zA-Z0-9_-]+$/;
/** Enough of a digest to be alone, and with its prefix short enough for dialects that take 40 characters. */
const DIGEST_CHARACTERS = 32;

/**
 * The id of a tool call as Anthropic accepts it. Another dialect's id with other characters becomes a digest of itself, the
 * same for the call and for its result, in this turn and in every later one.
 */
export function toToolUseId(id: string): string {
  return ACCEPTED.test(id) ? id : `toolu_${hash('sha256', id, 'base64url').slice(0, DIGEST_CHARACTERS)}`;
}
