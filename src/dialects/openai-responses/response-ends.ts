import type { EventSink, FinishReason } from '../../core/answer-event.js';
import { GatewayError } from '../../core/errors.js';
import { toCostNanoUsd } from '../wire-usage.js';
import { toUsage } from './openai-responses.usage.js';
import { compact, isObject, stringOf, type WireObject } from './wire-values.js';

/** Tells the sink what an answer begins with. */
export function readStart(response: WireObject, sink: EventSink): void {
  sink(compact({ kind: 'start' as const, model: stringOf(response['model']), serviceTier: stringOf(response['service_tier']) }));
}

/**
 * Tells the sink how an answer ended, by the status of its response.
 * Throws `upstream_protocol` for one that is not over.
 */
export function readEnd(response: WireObject, items: { readonly hasCalls: boolean }, sink: EventSink): void {
  sink({ kind: 'finish', choice: 0, reason: finishReason(response, items.hasCalls) });
  readUsage(response, sink);
  sink({ kind: 'end' });
}

/** Tells the sink what a response has used, if it says. */
export function readUsage(response: WireObject, sink: EventSink): void {
  const usage = toUsage(response['usage']);
  const serviceTier = stringOf(response['service_tier']);
  if (usage) sink(compact({ kind: 'usage' as const, usage, costNanoUsd: toCostNanoUsd(response['usage']), serviceTier }));
}

function finishReason(response: WireObject, hasCalls: boolean): FinishReason {
  switch (response['status'] ?? 'completed') {
    case 'completed':
      return hasCalls ? 'tool_calls' : 'stop';
    case 'incomplete': {
      const details = isObject(response['incomplete_details']) ? response['incomplete_details'] : {};
      return details['reason'] === 'content_filter' ? 'content_filter' : 'length';
    }
    default:
      throw new GatewayError('upstream_protocol', 'The provider sent a response that is not finished.');
  }
}
