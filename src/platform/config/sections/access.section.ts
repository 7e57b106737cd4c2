import type { JwtConfig, KeysConfig, PrivacyConfig, StaticKey } from '../config.js';
import type { Secret } from '../secret.js';
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

export function toPrivacy({ environment: { values }, findings }: Reading): PrivacyConfig {
  const { STORE_BODIES: storeBodies, BODIES_MAX_BYTES: bodiesMaxBytes, HASH_USERS: hashUsers } = values;
  if (storeBodies !== 'off' && !values.TOLLGATE_SECRET_KEYS?.length) {
    findings.problems.push(`STORE_BODIES: ${storeBodies} needs TOLLGATE_SECRET_KEYS too; bodies are stored encrypted or not at all`);
  }
  return { storeBodies, bodiesMaxBytes, hashUsers };
}

function toPlaces(variable: string, keys: readonly StaticKey[]) {
  return keys.map(({ name, key }, at) => ({ place: `${variable} (entry ${at + 1})`, name, key: key.reveal() }));
}

/** The algorithms of a shared secret, and how many bytes each needs of it: RFC 7518, 3.2. */
const SECRET_BYTES: ReadonlyMap<string, number> = new Map([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
]);
const SECRET_DEFAULT = ['HS256'];
const PUBLISHED_DEFAULT = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

export function toJwt({ environment: { values, set }, findings }: Reading): JwtConfig | undefined {
  const { JWT_SECRET: secret, JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values;
  if (!set.has('JWT_SECRET') && !set.has('JWT_JWKS_URL')) {
    for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS'] as const)
      if (set.has(name)) findings.notices.push(`${name} does nothing without JWT_SECRET or JWT_JWKS_URL: no JWT is accepted.`);
    return undefined;
  }
  if (secret && jwksUrl) findings.problems.push('JWT_SECRET: JWT_JWKS_URL is set too; keep one of them');
  if (!issuer) findings.problems.push('JWT_ISSUER: is not set; a JWT is only accepted from a known issuer');
  if (!audience) findings.problems.push('JWT_AUDIENCE: is not set; a JWT is only accepted if it was made for this gateway');
  const verify = secret ? { secret } : jwksUrl ? { jwksUrl } : undefined;
  if (!verify || !issuer || !audience || (secret && jwksUrl)) return undefined;
  const algorithms = values.JWT_ALGORITHMS ?? (secret ? SECRET_DEFAULT : PUBLISHED_DEFAULT);
  findings.problems.push(...problemsOf(algorithms, secret));
  if (jwksUrl && isOpenToChange(jwksUrl))
    findings.notices.push('JWT_JWKS_URL is not https: whoever can change what it answers on its way can make tokens.');
  return { verify, issuer, audience, algorithms };
}

/** A secret verifies HMACs alone, published keys everything but HMACs: to take both is how tokens are forged. */
function problemsOf(algorithms: readonly string[], secret: Secret | undefined): readonly string[] {
  if (algorithms.length === 0) return ['JWT_ALGORITHMS: names none'];
  const foreign = algorithms.find((algorithm) => SECRET_BYTES.has(algorithm) !== (secret !== undefined));
  if (foreign !== undefined && secret)
    return [`JWT_ALGORITHMS: ${foreign} needs published keys; with JWT_SECRET choose from ${[...SECRET_BYTES.keys()].join(', ')}`];
  if (foreign !== undefined) return [`JWT_ALGORITHMS: ${foreign} needs a shared secret; with JWT_JWKS_URL choose RS…, PS…, ES… or EdDSA`];
  const bytes = Buffer.byteLength(secret?.reveal() ?? '');
  const short = secret && algorithms.find((algorithm) => SECRET_BYTES.get(algorithm)! > bytes);
  return short === undefined ? [] : [`JWT_SECRET: ${short} needs at least ${SECRET_BYTES.get(short)} bytes`];
}

/** Loopback is as safe as the machine. */
function isOpenToChange(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
