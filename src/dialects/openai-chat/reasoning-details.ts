import type { ReasoningPart, ReasoningProof } from '../../core/conversation.js';
import { unwrapProof, wrapProof } from '../reasoning-proof.js';
import { textOf, type WireObject } from './wire-value.js';

/**
 * Thoughts with their proofs, in the form that OpenRouter gave Chat Completions: `reasoning_details`, a list of
 * `{type: "reasoning.text", text, signature?}`, `{type: "reasoning.summary", summary}` and
 * `{type: "reasoning.encrypted", data, id?}`. Source: openrouter.ai/docs, "Reasoning tokens".
 */
export type ReasoningDetail =
  | { readonly type: 'reasoning.text'; readonly text: string; readonly signature?: string; readonly format?: string }
  | { readonly type: 'reasoning.summary'; readonly summary: string }
  | { readonly type: 'reasoning.encrypted'; readonly data: string; readonly id?: string; readonly format?: string };

const ANTHROPIC_FORMAT = 'anthropic-claude-v1';
const OPENAI_FORMAT = 'openai-responses-v1';

/**
 * A thought for a client, who gives it back with the next turn. What is encrypted says in itself whose it is, because
 * clients keep `data` and lose the fields around it.
 */
export function toClientDetails({ text, proof }: ReasoningPart): ReasoningDetail[] {
  if (proof === undefined) return [{ type: 'reasoning.text', text }];
  if (isAnthropicSignature(proof)) return [{ type: 'reasoning.text', text, signature: proof.value }];
  const encrypted: ReasoningDetail = {
    type: 'reasoning.encrypted',
    data: wrapProof(proof),
    ...(proof.id === undefined ? {} : { id: proof.id }),
  };
  return text === '' ? [encrypted] : [{ type: 'reasoning.summary', summary: text }, encrypted];
}

/** A thought for a provider: Anthropic's proofs as Anthropic made them. OpenAI's own prove nothing in Chat Completions. */
export function toProviderDetails({ text, proof }: ReasoningPart): ReasoningDetail[] {
  if (proof?.maker !== 'anthropic') return text === '' ? [] : [{ type: 'reasoning.text', text }];
  const format = ANTHROPIC_FORMAT;
  if (isAnthropicSignature(proof)) return [{ type: 'reasoning.text', text, signature: proof.value, format }];
  return [{ type: 'reasoning.encrypted', data: proof.value, format }];
}

/** The text of one detail, whatever it is called. */
export function textOfDetail(detail: WireObject): string | undefined {
  return textOf(detail['text']) ?? textOf(detail['summary']);
}

/** The proof in one detail; `undefined` if it has none, or one of a maker that nobody here can send it back to. */
export function proofOfDetail(detail: WireObject): ReasoningProof | undefined {
  const format = textOf(detail['format']);
  const signature = textOf(detail['signature']);
  if (signature !== undefined) {
    const isAnthropic = format === undefined || format === 'unknown' || format === ANTHROPIC_FORMAT;
    return isAnthropic ? { maker: 'anthropic', kind: 'signature', value: signature } : undefined;
  }
  const data = textOf(detail['data']);
  if (data === undefined) return undefined;
  if (format === ANTHROPIC_FORMAT) return unwrapProof(data) ?? { maker: 'anthropic', kind: 'redacted', value: data };
  if (format !== OPENAI_FORMAT) return unwrapProof(data);
  const id = textOf(detail['id']);
  return unwrapProof(data) ?? { maker: 'openai', kind: 'redacted', value: data, ...(id === undefined ? {} : { id }) };
}

function isAnthropicSignature(proof: ReasoningProof): boolean {
  return proof.maker === 'anthropic' && proof.kind === 'signature';
}
