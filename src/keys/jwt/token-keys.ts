import type { JWTVerifyGetKey } from 'jose';

/** What a signature is verified with: the shared secret, or what finds the published key that a token's header names. */
export type VerificationKey = Uint8Array | JWTVerifyGetKey;

/** Where verification keys come from. */
export interface TokenKeys {
  /** The same object until what it stands for has changed. Throws, or rejects with, `service_unavailable` where there is none. */
  current(): VerificationKey | Promise<VerificationKey>;
  /**
   * For a token that none of `known` fits: what there is now in their place; undefined = nothing else. Rejects with
   * `service_unavailable` where that cannot be found out.
   */
  renewed(known: VerificationKey): Promise<VerificationKey | undefined>;
}

/** A secret does not change while the gateway runs. */
export class SharedSecret implements TokenKeys {
  private readonly key: Uint8Array;

  constructor(secret: string) {
    this.key = new TextEncoder().encode(secret);
  }

  current(): VerificationKey {
    return this.key;
  }

  async renewed(): Promise<undefined> {
    return undefined;
  }
}
