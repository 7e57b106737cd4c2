import type { ProviderAccount, ProviderId } from '../../core/provider-state.js';

/** Whose a thing at a provider is. */
export interface Binding extends ProviderId, ProviderAccount {
  readonly tenant: string;
}

/** Kinds and ids hold no blank (`isPlausible`). */
export function toIdKey({ kind, id }: ProviderId): string {
  return `${kind} ${id}`;
}

/** What can be bound once: an id at one account. */
export function toPlaceKey(binding: ProviderId & ProviderAccount): string {
  return `${toIdKey(binding)} ${binding.account} ${binding.provider}`;
}

export function isSamePlace(a: ProviderAccount, b: ProviderAccount): boolean {
  return a.provider === b.provider && a.account === b.account;
}

/** Longer ones, or such as are no plain text, no provider makes: they are neither stored nor asked for. */
const PLAUSIBLE = /^[\x21-\x7e]{1,256}$/;

export function isPlausible({ id }: ProviderId): boolean {
  return PLAUSIBLE.test(id);
}
