import type { WireObject } from './wire-values.js';

/** What an item is. One without a type is a message or, if it has nothing but an id, a reference. */
export function itemType({ type, role, id }: WireObject): unknown {
  return type ?? (role == null && typeof id === 'string' ? 'item_reference' : 'message');
}
