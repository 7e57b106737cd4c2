import type { ReasoningProof } from '../core/conversation.js';

const PREFIX = 'tollgate.';

/** What a wrapped proof says; short keys, for it goes back and forth with every turn. */
interface Wrapped {
  readonly m: 'anthropic' | 'openai';
  readonly k: 'signature' | 'redacted';
  readonly v: string;
  readonly i?: string;
}

/**
 * A proof as an opaque text, `tollgate.` and base64url of JSON, for a dialect that has a place for one maker's proofs only
 * and has to carry another's. Equal proofs give equal texts.
 */
export function wrapProof({ maker, kind, value, id }: ReasoningProof): string {
  const wrapped: Wrapped = { m: maker, k: kind, v: value, ...(id === undefined ? {} : { i: id }) };
  return PREFIX + Buffer.from(JSON.stringify(wrapped)).toString('base64url');
}

/** The proof that `wrapProof` made the text of; `undefined` for every other text. */
export function unwrapProof(text: string): ReasoningProof | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const wrapped = parsed(Buffer.from(text.slice(PREFIX.length), 'base64url').toString('utf8'));
  if (!isWrapped(wrapped)) return undefined;
  return { maker: wrapped.m, kind: wrapped.k, value: wrapped.v, ...(wrapped.i === undefined ? {} : { id: wrapped.i }) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isWrapped(value: unknown): value is Wrapped {
  if (typeof value !== 'object' || value === null) return false;
  const { m, k, v, i } = value as Record<string, unknown>;
  const isKnown = (m === 'anthropic' || m === 'openai') && (k === 'signature' || k === 'redacted');
  return isKnown && typeof v === 'string' && (i === undefined || typeof i === 'string');
}
