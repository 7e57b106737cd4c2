import type { Caller } from './caller.js';

/** What an id names at a provider. `message`: an answer of Anthropic's whose thread, or whose prompt, is kept there. */
export type ProviderIdKind =
  'response' | 'item' | 'conversation' | 'message' | 'prompt' | 'file' | 'container' | 'vector_store' | 'skill' | 'tunnel' | 'audio';

/** An id that a provider gave to a thing that it keeps. */
export interface ProviderId {
  readonly kind: ProviderIdKind;
  readonly id: string;
}

/** One that a request names, and where: `input[0].content[1].file_id`. */
export interface NamedProviderId extends ProviderId {
  readonly field: string;
}

/** One account at one provider. `account` is a fingerprint of the account's key, which no order of keys changes. */
export interface ProviderAccount {
  readonly provider: string;
  readonly account: string;
}

/** The only account that a call can go to, and the field of its request that says so. */
export interface PinnedAccount extends ProviderAccount {
  readonly field: string;
}

/**
 * Whose the things are that providers keep. All tenants share the providers' accounts, so that an id is all it takes to read
 * what it names: each is bound to the tenant and the account that first got it in an answer, and is nothing to any other tenant.
 */
export interface ProviderState {
  /**
   * Where a call must go for the ids that it names; undefined = wherever it may go otherwise. Synchronous when memory knows.
   * Throws, or rejects with, `not_found` for an id that is not the caller's, `invalid_request` for ids of different accounts,
   * `service_unavailable` if the database must be asked and cannot be.
   */
  resolve(
    caller: Pick<Caller, 'tenant' | 'allowProviderState'>,
    ids: readonly NamedProviderId[],
  ): PinnedAccount | undefined | Promise<PinnedAccount | undefined>;
  /** Binds the ids of an answer. Never throws and never waits; an id that is bound already stays as it is. */
  remember(tenant: string, at: ProviderAccount, ids: readonly ProviderId[]): void;
}

export const PROVIDER_STATE = Symbol('PROVIDER_STATE');
