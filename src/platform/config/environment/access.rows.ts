import { webAddress } from './address.kinds.js';
import { allOf, choice, flag, integer, listOf, matching, secretKind, secretMatching, splitList, text } from './kind.js';
import { Secret } from '../secret.js';
import type { Rows } from './row.js';
import { staticKeys } from './static-keys.kind.js';

const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const algorithm = matching(new RegExp(`^(${ALGORITHMS.join('|')})$`), 'an algorithm');

const sharedSecret = secretKind('at least 32 bytes', (written) => (Buffer.byteLength(written) >= 32 ? new Secret(written) : undefined));

const secretKeys = secretKind('comma-separated keys of at least 32 characters each', (written) =>
  allOf(splitList(written).map((key) => (key.length >= 32 ? new Secret(key) : undefined))),
);

/** More than that would wait in memory for too few calls. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;

export const ACCESS_ROWS = {
  API_KEYS: {
    kind: staticKeys('api-key'),
    unset: 'none',
    meaning:
      'Gateway keys that always exist, separated by commas. `name=key` gives one a name (`a-z`, `0-9`, `_`, `-`), if at least 16 characters follow the `=`.',
  },
  ADMIN_API_KEYS: {
    kind: staticKeys('admin-key'),
    unset: 'none',
    meaning: 'The same, for keys that may also administer.',
  },
  METRICS_TOKEN: {
    kind: secretMatching(/^[\x21-\x7e]{8,}$/, 'at least 8 characters without blanks'),
    unset: 'admin keys only',
    meaning: 'A bearer token that opens `/metrics` and nothing else.',
  },
  JWT_SECRET: {
    kind: sharedSecret,
    unset: 'none',
    meaning: 'Accept JWTs signed with this secret. Either this or `JWT_JWKS_URL`; `JWT_ISSUER` and `JWT_AUDIENCE` are then required.',
  },
  JWT_JWKS_URL: {
    kind: webAddress,
    unset: 'none',
    meaning: 'Accept JWTs signed with a key that is published here.',
  },
  JWT_ISSUER: { kind: matching(/^\S+$/, 'a text without spaces'), unset: 'none', meaning: 'The `iss` that a JWT must carry.' },
  JWT_AUDIENCE: { kind: text, unset: 'none', meaning: 'The `aud` that a JWT must carry, or have among others.' },
  JWT_ALGORITHMS: {
    kind: listOf(algorithm, `some of ${ALGORITHMS.join(', ')}, separated by commas`),
    unset: '`HS256` with a secret, `RS256,PS256,ES256,ES384,EdDSA` with a JWKS',
    meaning:
      'The algorithms that are accepted: HS… with `JWT_SECRET`, which then has at least as many bits, the others with `JWT_JWKS_URL`.',
  },
  TOLLGATE_SECRET_KEYS: {
    kind: secretKeys,
    unset: 'none',
    meaning: 'Keys that encrypt stored bodies and webhook secrets, separated by commas, newest first.',
  },
  STORE_BODIES: {
    kind: choice(['off', 'redacted', 'full']),
    default: 'off',
    meaning:
      'Keep what was said in calls, encrypted with `TOLLGATE_SECRET_KEYS`: with everything that was said `redacted` to its length, or in `full`.',
  },
  BODIES_MAX_BYTES: {
    kind: integer(1, MOST_BODY_BYTES),
    default: '262144',
    meaning: 'How much of each stored request, and of each answer, is kept: longer ones are cut.',
  },
  HASH_USERS: { kind: flag, default: 'false', meaning: 'Store end users as hashes instead of as the caller names them.', effective: false },
  ALLOW_PRIVATE_WEBHOOKS: {
    kind: flag,
    default: 'false',
    meaning: 'Webhooks may point into private networks.',
  },
} satisfies Rows;
