import { GatewayError } from '../core/errors.js';

const ID_CHARS = 100;

/** Throws `not_found` with what was looked for, and where to look. */
export function required<T>(
  found: T | undefined,
  { kind, id, hint }: { readonly kind: string; readonly id: string; readonly hint?: string },
): T {
  if (found !== undefined) return found;
  const shortened = id.length > ID_CHARS ? `${id.slice(0, ID_CHARS)}…` : id;
  throw new GatewayError('not_found', `There is no ${kind} \`${shortened}\`.${hint === undefined ? '' : ` ${hint}`}`);
}
