import { openUpstream, type ProviderConfig, reasonOf } from '../../../platform/index.js';

const DEADLINE_MS = 30_000;
const CONNECT_MS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** The account that is asked, as it is configured. */
export type ListedAccount = Pick<ProviderConfig, 'name' | 'type' | 'baseUrl' | 'apiKeys' | 'headers' | 'enabled'>;

export interface FetchTerms {
  /** Ends it at once. */
  readonly stop?: AbortSignal | undefined;
  /** For all of it, in milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/**
 * The parsed answer to `GET <base URL>/models`. Rejects, with a text that names no secret, where there is no such answer in time, and
 * does not follow to another address: the key goes to where it was configured for.
 */
export async function fetchPriceList(account: ListedAccount, { stop, deadlineMs = DEADLINE_MS }: FetchTerms = {}): Promise<unknown> {
  const path = `${new URL(account.baseUrl).pathname.replace(/\/$/, '')}/models`;
  const pool = openUpstream(account.baseUrl, { connectMs: CONNECT_MS, connections: 1, demand: { waiting: 1 } });
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const signal = stop ? AbortSignal.any([stop, deadline]) : deadline;
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers: headersOf(account), signal });
    if (statusCode !== 200) throw new Error(`It answered ${statusCode}.`);
    return JSON.parse(await textOf(body)) as unknown;
  } catch (error) {
    if (deadline.aborted) throw new Error(`It did not answer within ${deadlineMs} ms.`, { cause: error });
    if (error instanceof SyntaxError) throw new Error('Its answer is no JSON.', { cause: error });
    throw new Error(reasonOf(error), { cause: error });
  } finally {
    await pool.destroy();
  }
}

/** The list is public: a key is sent where there is one, as the prices of an account may be its own. */
function headersOf({ apiKeys: [key], headers }: ListedAccount): Record<string, string> {
  return { ...headers, accept: 'application/json', ...(key && { authorization: `Bearer ${key.reveal()}` }) };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`Its answer is longer than ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
