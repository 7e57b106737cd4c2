import { Client } from 'undici';

const CONNECT_MS = 1_000;
/** From asking to the last byte. */
const TOTAL_MS = 3_000;
const MAX_BYTES = 262_144;
const HEADERS = { accept: 'application/jwk-set+json, application/json', 'user-agent': 'tollgate' };

/**
 * The text of a JSON Web Key Set. Redirects are not followed: the keys are those that are published at the configured address.
 * Rejects with whatever goes wrong; takes at most 3 s and 256 KiB. On a connection of its own, because it is needed every few minutes.
 */
export async function fetchKeySet(address: string): Promise<string> {
  const { origin, pathname, search } = new URL(address);
  const client = new Client(origin, { connect: { timeout: CONNECT_MS }, maxResponseSize: MAX_BYTES });
  try {
    const signal = AbortSignal.timeout(TOTAL_MS);
    const { statusCode, body } = await client.request({ path: `${pathname}${search}`, method: 'GET', headers: HEADERS, signal });
    if (statusCode === 200) return await body.text();
    await body.dump({ limit: 0 });
    throw new Error(`HTTP ${statusCode} instead of keys`);
  } finally {
    await client.destroy();
  }
}
