import { GatewayError } from '../core/errors.js';
import type { Provider } from '../core/provider.js';

/** A provider's words may quote the key that it was sent: the same error without it. */
export function concealed(error: GatewayError, provider: Pick<Provider, 'conceal'>): GatewayError {
  const { param, code } = error.details;
  const details = { ...error.details, param: param && provider.conceal(param), code: code && provider.conceal(code) };
  return new GatewayError(error.kind, provider.conceal(error.message), details);
}
