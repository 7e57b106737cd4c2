import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../core/errors.js';

const HEADER = 'x-tollgate-timeout-ms';
const WHOLE = /^0*[1-9]\d{0,14}$/;

/** What the caller is ready to wait for its whole answer, in milliseconds; undefined where it does not say. Throws `invalid_request`. */
export function timeoutOf(headers: IncomingHttpHeaders): number | undefined {
  const written = headers[HEADER];
  if (written === undefined) return undefined;
  if (WHOLE.test(String(written))) return Number(written);
  const found = String(written).slice(0, 40);
  throw new GatewayError('invalid_request', `The header \`${HEADER}\` must be a whole number of milliseconds from 1, found "${found}".`, {
    param: HEADER,
  });
}
