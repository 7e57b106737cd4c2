import { GatewayError } from '../../core/errors.js';

/** An event of a Messages stream, or a plain answer, before anything of it is believed. */
export type WireObject = Readonly<Record<string, unknown>>;

/** A JSON text as an object; `undefined` for everything else. */
export function parsedObject(text: string): WireObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): WireObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireObject) : undefined;
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An answer that breaks the rules of its dialect. */
export function brokenAnswer(what: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider ${what}.`);
}

export function endedTooEarly(): GatewayError {
  return brokenAnswer('ended its stream before the answer was finished');
}
