import type { Dispatcher } from 'undici';

export interface ProbeRequest {
  readonly path: string;
  /** Flat, as undici takes them; one list for each account. */
  readonly accounts: readonly (readonly string[])[];
}

/** A list of models is read to its end, so that its connection can be used again, unless it is longer than this. */
const MAX_BYTES = 1_048_576;

/** With these a provider says that it does not know our key, or wants to be paid first. */
const ACCOUNT_REFUSED: ReadonlySet<number> = new Set([401, 402, 403]);

/**
 * Asks a provider for something that costs nothing, with one account after the other until one is welcome. That it has no such
 * thing (404), or too many askers (429), is an answer, too. Rejects with the reason, which may quote the provider.
 */
export async function probeOver(dispatcher: Dispatcher, { path, accounts }: ProbeRequest, stop: AbortSignal): Promise<void> {
  let refused = 0;
  for (const headers of accounts) {
    const { statusCode, body } = await dispatcher.request({ path, method: 'GET', headers: headers as string[], signal: stop });
    await body.dump({ limit: MAX_BYTES, signal: stop });
    if (statusCode >= 500) throw new Error(`HTTP ${statusCode}`);
    if (!ACCOUNT_REFUSED.has(statusCode)) return;
    refused = statusCode;
  }
  throw new Error(accounts.length > 1 ? `HTTP ${refused} with each of its ${accounts.length} keys` : `HTTP ${refused}`);
}
