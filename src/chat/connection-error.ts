import { GatewayError } from '../core/errors.js';

/** What a broken exchange with a provider means. `hasAnswered`: the head of an answer had come. */
export function toConnectionError(error: Error, hasAnswered: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = (error as { code?: string }).code ?? '';
  const cause = `${code} ${error.message}`.trim();
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new GatewayError('upstream_timeout', 'The provider could not be reached in time. Try again later.', { cause });
  }
  if (code.startsWith('HPE_')) return new GatewayError('upstream_protocol', 'The provider did not answer in HTTP.', { cause });
  if (hasAnswered) return new GatewayError('upstream_protocol', 'The provider cut its answer off.', { cause });
  return new GatewayError('upstream_unavailable', 'The provider could not be reached. Try again later.', { cause });
}
