import type { FeatureUse } from '../../core/features.js';

/** Reading what is JSON but not ours: each gives `undefined` where the wire says something else. */

export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objectsOf(value: unknown): readonly WireObject[] {
  return listOf(value).filter(isObject);
}

/** Notes the members of an object that are not in `known` and say something. */
export function noteUnknown(object: WireObject, known: ReadonlySet<string>, path: string, uses: FeatureUse): void {
  for (const key in object) if (!known.has(key) && object[key] != null) uses.note('unknown', `${path}.${key}`);
}

/** The object without the members that are `undefined`: absent is absent, so that equal things are equal objects. */
export function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
