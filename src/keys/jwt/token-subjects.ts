import { hash } from 'node:crypto';

/** What a denial is about: one token, or everybody's tokens for one end user. */
export type DeniedClaim = 'jti' | 'sub';

const ID_DIGITS = 32;
const KEY_ID_CHARS = 22;

/** What a claim of an issuer's tokens is called where denials are kept. Issuers have no spaces in them. */
export function toSubject(claim: DeniedClaim, issuer: string, value: string): string {
  return `${claim}:${issuer} ${value}`;
}

export function fromSubject(subject: string): { readonly claim: DeniedClaim; readonly issuer: string; readonly value: string } {
  const [, claim, issuer, value] = /^(jti|sub):(\S+) (.*)$/s.exec(subject)!;
  return { claim: claim as DeniedClaim, issuer: issuer!, value: value! };
}

/** A name for a subject that fits into an address: as long, and as hard to meet twice, as a UUID. Postgres makes the same of it. */
export function toDenialId(subject: string): string {
  return hash('sha256', subject, 'hex').slice(0, ID_DIGITS);
}

/** Who calls with a token: the same for all tokens of an end user, short, and safe as a label. */
export function toTokenKeyId(issuer: string, sub: string): string {
  return `jwt:${hash('sha256', JSON.stringify([issuer, sub]), 'base64url').slice(0, KEY_ID_CHARS)}`;
}
