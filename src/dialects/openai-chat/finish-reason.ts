import type { FinishReason } from '../../core/answer-event.js';
import { GatewayError } from '../../core/errors.js';

const MEANINGS: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_use', 'tool_calls'],
  ['sensitive', 'content_filter'],
]);

/** The words by which servers say that an answer was not finished: OpenRouter's, DeepSeek's, those of open-source servers. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource', 'abort', 'network_error']);

/** Why a model stopped, by its `finish_reason`; a word that nobody knows is `stop`. Throws for one that means a failure. */
export function toFinishReason(wire: string): FinishReason {
  if (BROKEN_OFF.has(wire)) {
    throw new GatewayError('upstream_unavailable', 'The provider broke off its answer. Try again later.', {
      cause: `finish_reason ${wire}`,
    });
  }
  return MEANINGS.get(wire) ?? 'stop';
}

const WIRE: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  stop_sequence: 'stop',
  pause: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
};

/** The `finish_reason` of a choice. `calls`: the name of what the client calls tools with, if the model called any. */
export function toWireFinish(reason: FinishReason, calls: 'tool_calls' | 'function_call' | undefined): string {
  if (calls !== undefined && (reason === 'stop' || reason === 'tool_calls')) return calls;
  return WIRE[reason];
}
