import type { ReasoningPart, ReasoningProof } from '../../core/conversation.js';
import { unwrapProof, wrapProof } from '../reasoning-proof.js';
import type { WireRedactedThinking, WireThinking } from './wire-types.js';

/** Every signature that the gateway makes begins so; Anthropic's are base64 and have no dot. */
export const OUR_SIGNATURE = 'tollgate.';
/** Stands where a thought has no signature: clients demand one, and send it back. */
const UNSIGNED = `${OUR_SIGNATURE}unsigned`;

/** The signature of a thinking block whose thought has this proof. */
export function toSignature(proof: ReasoningProof | undefined): string {
  if (!proof) return UNSIGNED;
  return proof.maker === 'anthropic' && proof.kind === 'signature' ? proof.value : wrapProof(proof);
}

/** What stands in a `redacted_thinking` block for a thought of which there is nothing but this proof. */
export function toRedacted(proof: ReasoningProof): string {
  return proof.maker === 'anthropic' && proof.kind === 'redacted' ? proof.value : wrapProof(proof);
}

/** The proof that a signature is, or carries; `undefined` for none. */
export function fromSignature(signature: string): ReasoningProof | undefined {
  if (signature === '' || signature === UNSIGNED) return undefined;
  return unwrapProof(signature) ?? { maker: 'anthropic', kind: 'signature', value: signature };
}

/** The proof that the data of a `redacted_thinking` block is, or carries. */
export function fromRedacted(data: string): ReasoningProof {
  return unwrapProof(data) ?? { maker: 'anthropic', kind: 'redacted', value: data };
}

/** A thought of the history for Anthropic, which accepts its own only: `undefined` for every other. */
export function toOwnThinking({ text, proof }: ReasoningPart): WireThinking | WireRedactedThinking | undefined {
  if (proof?.maker !== 'anthropic') return undefined;
  if (proof.kind === 'redacted') return { type: 'redacted_thinking', data: proof.value };
  return { type: 'thinking', thinking: text, signature: proof.value };
}

/** Did the gateway make this block out of another provider's thought? Anthropic would refuse it. */
export function isOurThinking(block: unknown): boolean {
  const { type, signature, data } = (block ?? {}) as Record<string, unknown>;
  const proof = type === 'thinking' ? signature : type === 'redacted_thinking' ? data : undefined;
  return typeof proof === 'string' && proof.startsWith(OUR_SIGNATURE);
}
