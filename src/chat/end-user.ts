import type { Call } from '../core/call.js';
import type { AllowedModels, EndUserStanding, EndUsers } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';

/**
 * What was decided about the end user of a call; undefined = nothing. Throws `invalid_request` where the key demands that one is
 * named, and `forbidden` for one who may not call.
 */
export function endUserOf({ caller, userId, request }: Call, users: EndUsers): EndUserStanding | undefined {
  if (userId === undefined) {
    if (caller.requiresUser) throw nobodyNamed(request.dialect === 'anthropic-messages' ? 'metadata.user_id' : 'user');
    return undefined;
  }
  const standing = users.find(caller.tenant, userId);
  if (standing?.isDisabled)
    throw new GatewayError('forbidden', 'The end user of this call is disabled. Ask an administrator to enable it.');
  return standing;
}

/** The models that both may use; undefined = all. */
export function modelsOfBoth(one: AllowedModels | undefined, other: AllowedModels | undefined): AllowedModels | undefined {
  if (!one || !other) return one ?? other;
  return { includes: (...names) => one.includes(...names) && other.includes(...names) };
}

function nobodyNamed(field: string): GatewayError {
  return new GatewayError('invalid_request', `This API key demands that each call names its end user. Send \`${field}\`.`, {
    param: field,
  });
}
