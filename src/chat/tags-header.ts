import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../core/errors.js';

const HEADER = 'x-tollgate-tags';
const MOST = 10;
const TAG = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,63})=([^\p{Cc}\p{Cs},=]{1,128})$/u;

/** Dimensions of usage that a request adds: `name=text,…`. Undefined where it adds none. Throws `invalid_request`. */
export function tagsOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined {
  const written = headers[HEADER];
  if (written === undefined) return undefined;
  const entries = String(written)
    .split(',')
    .map((entry) => TAG.exec(entry.trim()));
  if (entries.length > MOST) throw invalid(`at most ${MOST} tags, found ${entries.length}`);
  const tags = entries.map((entry, at) => {
    if (entry) return [entry[1]!, entry[2]!] as const;
    throw invalid(`tags such as app=search,stage=test, found "${String(written).split(',')[at]!.trim().slice(0, 40)}"`);
  });
  if (new Set(tags.map(([name]) => name)).size < tags.length) throw invalid('each tag once');
  return Object.fromEntries(tags);
}

function invalid(what: string): GatewayError {
  return new GatewayError('invalid_request', `The header \`${HEADER}\` must hold ${what}.`, { param: HEADER });
}
