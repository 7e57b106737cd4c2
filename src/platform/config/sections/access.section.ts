import type { JwtConfig, KeysConfig, StaticKey } from '../config.js';
import type { Reading } from './reading.js';

const SHORT_CHARACTERS = 16;

export function toKeys({ environment: { values }, findings }: Reading): KeysConfig {
  const clients = values.API_KEYS ?? [];
  const admins = values.ADMIN_API_KEYS ?? [];
  const places = [...toPlaces('API_KEYS', clients), ...toPlaces('ADMIN_API_KEYS', admins)];
  for (const [at, { place, name, key }] of places.entries()) {
    const earlier = places.slice(0, at);
    const same = earlier.find((other) => other.key === key);
    const namesake = earlier.find((other) => other.name === name);
    if (same) findings.problems.push(`${place}: is the same key as ${same.place}; keep one of them`);
    else if (namesake) findings.problems.push(`${place}: has the same name as ${namesake.place}; give it another`);
    if (key.length < SHORT_CHARACTERS) findings.notices.push(`${place} is shorter than ${SHORT_CHARACTERS} characters: easy to guess.`);
  }
  return { clients, admins, metricsToken: values.METRICS_TOKEN, secretKeys: values.TOLLGATE_SECRET_KEYS ?? [] };
}

function toPlaces(variable: string, keys: readonly StaticKey[]) {
  return keys.map(({ name, key }, at) => ({ place: `${variable} (entry ${at + 1})`, name, key: key.reveal() }));
}

export function toJwt({ environment: { values, set }, findings }: Reading): JwtConfig | undefined {
  const { JWT_SECRET: secret, JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ALGORITHMS: algorithms } = values;
  if (!set.has('JWT_SECRET') && !set.has('JWT_JWKS_URL')) return undefined;
  if (secret && jwksUrl) findings.problems.push('JWT_SECRET: JWT_JWKS_URL is set too; keep one of them');
  if (!issuer) findings.problems.push('JWT_ISSUER: is not set; a JWT is only accepted from a known issuer');
  if (!audience) findings.problems.push('JWT_AUDIENCE: is not set; a JWT is only accepted if it was made for this gateway');
  const verify = secret ? { secret } : jwksUrl ? { jwksUrl } : undefined;
  if (!verify || !issuer || !audience) return undefined;
  return { verify, issuer, audience, algorithms: algorithms ?? (secret ? ['HS256'] : ['RS256', 'ES256']) };
}
