import { GatewayError } from '../../core/errors.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { payloadText } from '../sse/frame-splitter.js';
import { isObject, type WireObject } from './wire-values.js';

/** The events after which nothing follows: the response is whole, cut by a limit, or has failed. */
const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed']);

export function isTerminal(event: WireObject): boolean {
  return TERMINAL.has(String(event['type']));
}

/**
 * The event that a frame holds; `undefined` for comments, empty frames and the `[DONE]` that some servers add.
 * Throws `upstream_protocol` for anything else.
 */
export function eventOf(frame: Buffer): WireObject | undefined {
  const text = payloadText(frame)?.trim() ?? '';
  if (text === '' || text === '[DONE]') return undefined;
  const event = parseObject(text);
  if (event) return event;
  throw new GatewayError('upstream_protocol', 'The provider sent an event that is not JSON.');
}

/** A JSON object; `undefined` for every other text. */
export function parseObject(text: string): WireObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The error that an event is, if it is one: flat as the published schema has it, nested as the service sends it, or an envelope without a type. */
export function errorOfEvent(event: WireObject): GatewayError | undefined {
  const { type, error } = event;
  if (type === 'error') return toErrorOfAnswer(error ?? { ...event, type: undefined });
  return type === undefined && error != null ? toErrorOfAnswer(error) : undefined;
}

/** The error of a response that says that it has failed. */
export function errorOfResponse(response: WireObject): GatewayError {
  return toErrorOfAnswer(response['error'] ?? { message: 'The provider failed to make the response.' });
}

export function endedTooEarly(when: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider ended its stream ${when}.`);
}
