import type { ReasoningPart, ReasoningProof } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { proofOfDetail, textOfDetail } from './reasoning-details.js';
import { listOf, objectOf, textOf, type WireObject } from './wire-value.js';

/**
 * The thoughts on an assistant's message of the history: `reasoning_details`, or else the plain text that DeepSeek calls
 * `reasoning_content` and OpenRouter `reasoning`. Where both stand, they say the same, and the details say it with proofs.
 */
export function decodeThoughts(message: WireObject, path: string, uses: FeatureUse): ReasoningPart[] {
  const parts = detailedThoughts(listOf(message['reasoning_details']), `${path}.reasoning_details`, uses);
  if (parts.some((part) => part.text !== '')) return parts;
  const key = textOf(message['reasoning_content']) === undefined ? 'reasoning' : 'reasoning_content';
  const text = textOf(message[key]);
  if (text === undefined) return parts;
  uses.note('reasoning.history', `${path}.${key}`);
  return [{ kind: 'reasoning', text }, ...parts];
}

/** A thought that details are still adding to. */
interface OpenThought {
  text: string;
  proof: ReasoningProof | undefined;
  readonly path: string;
  readonly type: unknown;
  readonly index: unknown;
}

function detailedThoughts(details: readonly unknown[], path: string, uses: FeatureUse): ReasoningPart[] {
  const thoughts: OpenThought[] = [];
  for (const [position, wire] of details.entries()) {
    const detail = objectOf(wire);
    const proof = proofOfDetail(detail);
    const text = textOfDetail(detail) ?? '';
    const last = thoughts.at(-1);
    if (proof === undefined && text === '') {
      uses.note('unknown', `${path}[${position}]`);
    } else if (last && belongsTo(last, detail, text, proof)) {
      last.text += text;
      last.proof = proof;
    } else {
      thoughts.push({ text, proof, path: `${path}[${position}]`, type: detail['type'], index: detail['index'] });
    }
  }
  return thoughts.map((thought) => toPart(thought, uses));
}

/** Clients keep a streamed thought in the pieces it came in; an encrypted thought follows the summary of what it says. */
function belongsTo(last: OpenThought, detail: WireObject, text: string, proof: ReasoningProof | undefined): boolean {
  if (last.proof) return false;
  if (typeof last.index === 'number' && last.index === detail['index']) return true;
  return text === '' && (proof?.kind === 'signature' || last.type === 'reasoning.summary');
}

function toPart({ text, proof, path }: OpenThought, uses: FeatureUse): ReasoningPart {
  if (proof === undefined) {
    uses.note('reasoning.history', path);
    return { kind: 'reasoning', text };
  }
  uses.note(`reasoning.${proof.maker}`, path);
  return { kind: 'reasoning', text, proof };
}
