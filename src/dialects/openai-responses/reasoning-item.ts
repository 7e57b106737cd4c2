import type { ReasoningProof } from '../../core/conversation.js';
import { unwrapProof, wrapProof } from '../reasoning-proof.js';
import { isObject } from './wire-values.js';

/** Everything that the gateway puts into `encrypted_content` begins so; OpenAI's own is base64 and has no dot. */
export const OUR_PROOF = 'tollgate.';
/** Stands where a thought has no proof: clients leave out what has no `encrypted_content`, or take its id for a reference. */
const UNPROVEN = `${OUR_PROOF}unsigned`;

/** The proof that an `encrypted_content` is, or carries; `undefined` for a thought that never had one. */
export function fromEncrypted(value: string, text: string, id: string | undefined): ReasoningProof | undefined {
  if (value === UNPROVEN) return undefined;
  const kind = text === '' ? 'redacted' : 'signature';
  return unwrapProof(value) ?? { maker: 'openai', kind, value, ...(id === undefined ? {} : { id }) };
}

/** The `encrypted_content` of a thought in the item `itemId`: OpenAI's own is bound to the id of its item. */
export function toEncrypted(proof: ReasoningProof | undefined, itemId: string): string {
  if (!proof) return UNPROVEN;
  const isOwn = proof.maker === 'openai' && (proof.id === undefined || proof.id === itemId);
  return isOwn ? proof.value : wrapProof(proof);
}

/** Did the gateway make this item out of another provider's thought? */
export function isForeignThought(item: unknown): boolean {
  if (!isObject(item) || item['type'] !== 'reasoning') return false;
  const proof = item['encrypted_content'];
  return typeof proof === 'string' && proof.startsWith(OUR_PROOF);
}
