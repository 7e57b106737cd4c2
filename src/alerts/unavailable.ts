import { GatewayError } from '../core/errors.js';

/** For readings. What is thrown for another reason than the request itself becomes `service_unavailable`. */
export function answered<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database does not answer. Try again in a moment.');
}

/** The same for changes, which may have been made although nobody confirmed it. */
export function confirmed<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database did not confirm the change. Look whether it was made, and try again if not.');
}

async function orUnavailable<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('service_unavailable', message, { retryAfterMs: 1_000, cause });
  }
}
