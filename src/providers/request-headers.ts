import type { Endpoint } from '../core/provider.js';

/** The headers of one account for one endpoint, flat as undici takes them, by the kind of answer. */
export interface RequestHeaders {
  readonly plain: readonly string[];
  readonly stream: readonly string[];
}

/** What a request says that names no version itself: the last one that takes sampling settings. */
const ANTHROPIC_VERSION = '2023-06-01';

/** `own` are those of the account, names in lower case; what stands there comes before what the endpoint would have. */
export function toRequestHeaders(endpoint: Endpoint, own: Readonly<Record<string, string>>): RequestHeaders {
  const headers = {
    ...(isAnthropic(endpoint) && { 'anthropic-version': ANTHROPIC_VERSION }),
    ...own,
    'content-type': 'application/json',
    'accept-encoding': 'identity',
  };
  const streamType = endpoint === 'ollama-chat' ? 'application/x-ndjson' : 'text/event-stream';
  return { plain: flat({ ...headers, accept: 'application/json' }), stream: flat({ ...headers, accept: streamType }) };
}

/**
 * With those of the client's headers that belong to its body: its version of the API is what the body is written in, and
 * its betas are asked for besides the account's own.
 */
export function withClientHeaders(
  headers: readonly string[],
  endpoint: Endpoint,
  client: Readonly<Record<string, string>>,
): readonly string[] {
  if (!isAnthropic(endpoint)) return headers;
  const version = client['anthropic-version'];
  const beta = client['anthropic-beta'];
  if (version === undefined && beta === undefined) return headers;
  const all = Object.fromEntries(pairsOf(headers));
  if (version !== undefined) all['anthropic-version'] = version;
  if (beta !== undefined) all['anthropic-beta'] = joinLists(all['anthropic-beta'], beta);
  return flat(all);
}

function isAnthropic(endpoint: Endpoint): boolean {
  return endpoint === 'anthropic-messages' || endpoint === 'anthropic-count-tokens';
}

function joinLists(own: string | undefined, client: string): string {
  const items = `${own ?? ''},${client}`.split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))].join(',');
}

function flat(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flat();
}

function* pairsOf(headers: readonly string[]): Generator<readonly [string, string]> {
  for (let at = 0; at < headers.length; at += 2) yield [headers[at]!, headers[at + 1]!];
}
