import type { ChatDialectName } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import type { Feature, FeatureUse } from '../core/features.js';
import { CAPABILITIES } from './capabilities.js';

/** Which way a request is to go. */
export interface Passage {
  readonly to: ChatDialectName;
  /** Refuse hints that cannot be carried, too (`x-tollgate-strict: true`). */
  readonly strict: boolean;
  /** Features that this one target lacks although its dialect has them. */
  readonly lacks: ReadonlySet<Feature>;
}

/**
 * Promise 7: whether a request can be said in another dialect. Gives the fields that are mere hints and will be left out;
 * throws `unsupported_parameter` with the first field that would be missed.
 */
export function checkCarriage(uses: FeatureUse, { to, strict, lacks }: Passage): string[] {
  const dropped: string[] = [];
  for (const [feature, fields] of uses.entries()) {
    const carriage = lacks.has(feature) ? 'hint' : CAPABILITIES[feature][to];
    if (carriage === 'carried') continue;
    if (carriage === 'refused' || strict) throw notCarried(fields[0]!, strict && carriage === 'hint');
    dropped.push(...fields);
  }
  return dropped;
}

function notCarried(field: string, isHint: boolean): GatewayError {
  const what = `The provider of this model has no counterpart for \`${field}\`.`;
  const way = isHint ? 'Leave it out, or send the request without `x-tollgate-strict`.' : 'Leave it out, or ask another model.';
  return new GatewayError('unsupported_parameter', `${what} ${way}`, { param: field });
}
