import type { JWTPayload } from 'jose';
import type { Role } from '../../core/caller.js';
import { ATTRIBUTE_RULES, type AttributeRule } from '../attribute-rules.js';
import { ROLES } from '../key-attributes.js';
import { forbiddenToken } from './token-errors.js';

/** How far the clocks of an identity provider and of the gateway may be apart: tokens are in force so much earlier and longer. */
export const CLOCK_SKEW_MS = 60_000;

/** Control characters and halves of characters cannot be stored. */
const NAME = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** What a token says, as far as we go by it. */
export interface TokenClaims {
  /** The end user. */
  readonly sub: string;
  /** Of this one token. */
  readonly jti: string | undefined;
  /** When it is over, skew included, in epoch milliseconds. */
  readonly endsAtMs: number;
  readonly role: Role;
  /** The id or the name of one. */
  readonly team: string | undefined;
  /** Names and patterns; undefined = all, none at all = no model. */
  readonly models: readonly string[] | undefined;
}

/** Can it be the `sub` or the `jti` of a token that we take? */
export function isTokenName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

/** What administrators may say of tokens: see `ATTRIBUTE_RULES`. */
export const TOKEN_RULES = {
  name: (value) => (isTokenName(value) ? undefined : 'must be the text that tokens carry: 1 to 255 characters on one line'),
  reason: (value) => (isTokenName(value) ? undefined : 'must be 1 to 255 characters on one line'),
} satisfies Record<string, AttributeRule>;

/** Of a verified token whose `exp` is a number. undefined = it does not say whose it is. Throws `forbidden` for what cannot be followed. */
export function findClaims(payload: JWTPayload): TokenClaims | undefined {
  const { sub, jti, exp, team, role, models } = payload;
  if (!isTokenName(sub) || !(jti === undefined || isTokenName(jti))) return undefined;
  return {
    sub,
    jti,
    endsAtMs: exp! * 1_000 + CLOCK_SKEW_MS,
    role: toRole(role ?? 'client'),
    team: toTeam(team ?? undefined),
    models: toModels(models ?? undefined),
  };
}

function toRole(claim: unknown): Role {
  const role = ROLES.find((known) => known === claim);
  if (role === undefined) throw forbiddenToken(`The \`role\` of this token must be one of ${ROLES.join(', ')}, or be left out.`);
  return role;
}

function toTeam(claim: unknown): string | undefined {
  if (claim === undefined || isTokenName(claim)) return claim;
  throw forbiddenToken('The `team` of this token must be the id or the name of one team, or be left out.');
}

function toModels(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return undefined;
  const problem = ATTRIBUTE_RULES.models(claim);
  if (problem !== undefined) throw forbiddenToken(`The \`models\` of this token ${problem}.`);
  return claim as readonly string[];
}
