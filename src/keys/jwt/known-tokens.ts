import { hash } from 'node:crypto';
import type { Identity } from '../known-key.js';
import type { KnownTeam } from '../teams/team.js';
import type { TokenClaims } from './token-claims.js';
import type { VerificationKey } from './token-keys.js';

/** About 10 MB. */
const MAX_TOKENS = 10_000;

/** What was found out about a token that was valid. */
export interface KnownToken {
  readonly claims: TokenClaims;
  readonly keyId: string;
  /** What denials of it are called. */
  readonly denials: readonly string[];
  /** What verified it. */
  readonly key: VerificationKey;
  /** Whose it was last, and with which team. */
  identity?: { readonly of: Identity; readonly team: KnownTeam | undefined };
}

/** Tokens that were valid when they were first seen, by their digest. When there are too many, the one unused for longest makes room. */
export class KnownTokens {
  private readonly tokens = new Map<string, KnownToken>();

  constructor(private readonly max = MAX_TOKENS) {}

  find(digest: string): KnownToken | undefined {
    const token = this.tokens.get(digest);
    if (token) {
      this.tokens.delete(digest);
      this.tokens.set(digest, token);
    }
    return token;
  }

  remember(digest: string, token: KnownToken): void {
    this.tokens.delete(digest);
    this.tokens.set(digest, token);
    if (this.tokens.size > this.max) this.forget(this.tokens.keys().next().value!);
  }

  forget(digest: string): void {
    this.tokens.delete(digest);
  }
}

/** A token itself is kept nowhere. */
export function digestToken(token: string): string {
  return hash('sha256', token, 'base64');
}
