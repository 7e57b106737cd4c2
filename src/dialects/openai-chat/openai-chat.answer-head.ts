import type { AnswerEvent } from '../../core/answer-event.js';
import type { AnswerTerms } from '../dialect.js';

/** What a completion, and every chunk of one, says of itself before its choices. */
export interface AnswerHead {
  readonly id: string;
  readonly object: 'chat.completion' | 'chat.completion.chunk';
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly service_tier?: string;
}

export function headOf(object: AnswerHead['object'], terms: AnswerTerms, start: Extract<AnswerEvent, { kind: 'start' }>): AnswerHead {
  const { model = terms.model, serviceTier } = start;
  // Anthropic's word for the usual tier.
  const tier = serviceTier === 'standard' ? 'default' : serviceTier;
  const head = { id: `chatcmpl-${terms.id}`, object, created: terms.createdSeconds, model };
  return tier === undefined ? head : { ...head, service_tier: tier };
}
