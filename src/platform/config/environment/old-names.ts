import { showFound } from '../found.js';
import type { Findings } from '../findings.js';
import type { EnvironmentSource, Found } from './environment-source.js';
import { atLeast, flag } from './kind.js';

/** Variables of the systems that people come from, and what they became; each that is used leaves one line in the log. */
export const OLD_NAMES = [
  { old: 'PROXY_API_HOST', now: '`HOST`' },
  { old: 'PROXY_API_PORT', now: '`PORT`' },
  { old: 'APP_LOG_LEVEL', now: '`LOG_LEVEL`' },
  { old: 'OLLAMA_API_BASE', now: '`OLLAMA_BASE_URL`' },
  { old: 'PROXY_API_DEBUG', now: '`LOG_LEVEL=debug`' },
  { old: 'PROXY_API_RATE_LIMIT_REQUESTS', now: '`MAX_REQUESTS_PER_MINUTE` or `MAX_REQUESTS_PER_HOUR`' },
  { old: 'PROXY_API_RATE_LIMIT_WINDOW', now: 'which of the two it is: `60` (the default) or `3600` seconds' },
] as const;

/** Lets what stands under an old name be found under its present one, unless that is set itself. */
export function applyOldNames(source: EnvironmentSource, findings: Findings): void {
  applyPlain(source, findings, 'PROXY_API_HOST', 'HOST');
  applyPlain(source, findings, 'PROXY_API_PORT', 'PORT');
  applyPlain(source, findings, 'APP_LOG_LEVEL', 'LOG_LEVEL');
  applyPlain(source, findings, 'OLLAMA_API_BASE', 'OLLAMA_BASE_URL');
  applyDebug(source, findings);
  applyRateLimit(source, findings);
}

function applyPlain(source: EnvironmentSource, findings: Findings, old: string, now: string): void {
  const found = source.find(old);
  if (!found) return;
  source.rename(now, found);
  findings.deprecations.push(`${old} is an old name: set ${now} instead.`);
}

function applyDebug(source: EnvironmentSource, findings: Findings): void {
  const found = source.find('PROXY_API_DEBUG');
  if (!found) return;
  const debug = flag.schema.safeParse(found.text).data;
  if (debug === undefined) findings.problems.push(`${found.name}: expected ${flag.expects}, found ${showFound(found.text)}`);
  if (debug) source.rename('LOG_LEVEL', { ...found, text: 'debug' });
  findings.deprecations.push(`${found.name} is an old name: ${debug ? 'set LOG_LEVEL=debug instead' : 'remove it'}.`);
}

/** The old limit had one window; there is then none for the other, as there was none before. */
function applyRateLimit(source: EnvironmentSource, findings: Findings): void {
  const requests = source.find('PROXY_API_RATE_LIMIT_REQUESTS');
  const window = source.find('PROXY_API_RATE_LIMIT_WINDOW');
  if (window) findings.deprecations.push(`${window.name} is an old name: remove it.`);
  if (window && window.text !== '60' && window.text !== '3600') {
    findings.problems.push(
      `${window.name}: expected 60 or 3600 (seconds), found ${showFound(window.text)}; set MAX_REQUESTS_PER_MINUTE or MAX_REQUESTS_PER_HOUR instead`,
    );
  }
  if (requests) applyRequests(source, findings, requests, window?.text === '3600');
}

function applyRequests(source: EnvironmentSource, findings: Findings, found: Found, hourly: boolean): void {
  if (atLeast(0).schema.safeParse(found.text).success) {
    source.rename('MAX_REQUESTS_PER_MINUTE', hourly ? { ...found, text: '0' } : found);
    source.rename('MAX_REQUESTS_PER_HOUR', hourly ? found : { ...found, text: '0' });
  } else {
    findings.problems.push(`${found.name}: expected ${atLeast(0).expects}, found ${showFound(found.text)}`);
  }
  const [minute, hour] = hourly ? ['0', found.text] : [found.text, '0'];
  findings.deprecations.push(
    `${found.name} is an old name: set MAX_REQUESTS_PER_MINUTE=${minute} and MAX_REQUESTS_PER_HOUR=${hour} instead.`,
  );
}
