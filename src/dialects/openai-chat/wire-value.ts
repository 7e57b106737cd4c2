import type { FeatureUse } from '../../core/features.js';

export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a value is; one without members where it is none. */
export function objectOf(value: unknown): WireObject {
  return isObject(value) ? value : NO_MEMBERS;
}

/** The list that a value is; an empty one where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** The text that a value is; `undefined` where it is none, or an empty one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Notes every member that is not in `known` and says something; `path` is the object's own, empty for the body. */
export function noteUnknown(object: WireObject, known: ReadonlySet<string>, path: string, uses: FeatureUse): void {
  for (const key in object) {
    if (!known.has(key) && object[key] != null) uses.note('unknown', path === '' ? key : `${path}.${key}`);
  }
}

const NO_MEMBERS: WireObject = {};
const NO_ITEMS: readonly unknown[] = [];
