import type { Findings } from '../findings.js';

const CREDENTIALS = ['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'cookie'];
const OURS = ['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'accept-encoding', 'expect', 'upgrade'];

/** Headers for every request of a provider; neither a credential nor what the gateway writes itself may be among them. */
export function checkHeaders(
  path: string,
  headers: Readonly<Record<string, string>>,
  findings: Findings,
): Readonly<Record<string, string>> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of lower) {
    const problem = findProblem(name, value);
    if (problem) findings.problems.push(`${path}.headers: ${problem}`);
  }
  return Object.fromEntries(lower);
}

function findProblem(name: string, value: string): string | undefined {
  if (!/^[a-z0-9_-]+$/.test(name)) return "a header's name has letters, digits, _ and - only";
  if (CREDENTIALS.includes(name)) return `${name} carries a secret, which does not stand in this file; name its variable: api_key_env`;
  if (OURS.includes(name)) return `${name} is written by the gateway itself; remove it`;
  return /^[\t\x20-\x7e]*$/.test(value) ? undefined : `the value of ${name} must be plain ASCII on one line`;
}
