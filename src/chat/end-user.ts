import type { Call } from '../core/call.js';
import type { EndUserStanding, EndUsers } from '../core/caller.js';
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

function nobodyNamed(field: string): GatewayError {
  return new GatewayError('invalid_request', `This API key demands that each call names its end user. Send \`${field}\`.`, {
    param: field,
  });
}
