import { GatewayError } from '../../core/errors.js';
import type { NamedProviderId, PinnedAccount, ProviderAccount } from '../../core/provider-state.js';
import type { Plan } from '../../core/target.js';
import { keptTargets } from '../kept-targets.js';
import { isSamePlace } from './binding.js';

/** An id of a request and where it is the caller's; nowhere = it was made outside the gateway, and the caller may use it. */
export interface OwnedId {
  readonly id: NamedProviderId;
  readonly places: readonly ProviderAccount[];
}

/** The account that has them all, the one that got the first of them earliest if several have. Throws `invalid_request` if none has. */
export function pinOf(owned: readonly OwnedId[]): PinnedAccount | undefined {
  const [first, ...others] = owned.filter(({ places }) => places.length > 0);
  if (!first) return undefined;
  let { places } = first;
  for (const other of others) {
    places = places.filter((place) => other.places.some((one) => isSamePlace(one, place)));
    if (places.length === 0) throw apart(first.id, other.id);
  }
  const { provider, account } = places[0]!;
  return { provider, account, field: first.id.field };
}

/** The same words whether nobody or somebody else has it, so that ids cannot be tried out. */
export function unknownId({ field }: NamedProviderId): GatewayError {
  const message = `\`${field}\` names nothing that this key can use. Send an id from one of its answers; what was made outside the gateway needs a key with \`allow_provider_state\`.`;
  return new GatewayError('not_found', message, { param: field });
}

function apart(a: NamedProviderId, b: NamedProviderId): GatewayError {
  const message = `\`${a.field}\` and \`${b.field}\` are kept by different provider accounts. Send ids of one account.`;
  return new GatewayError('invalid_request', message, { param: b.field });
}

/** The targets at the only provider that can answer. Throws `invalid_request` if the model does not lead there. */
export function pinnedPlan(plan: Plan, { provider: name, field }: PinnedAccount): Plan {
  const able = keptTargets(plan, ({ provider }) => provider.name === name);
  if (able.targets.length > 0) return able;
  const message = `\`${field}\` is kept by the provider "${name}", where this model does not lead. Ask for a model of that provider.`;
  throw new GatewayError('invalid_request', message, { param: field });
}
