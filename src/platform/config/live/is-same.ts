import { Secret } from '../secret.js';

/** Do two values of a configuration say the same? Secrets are compared by what they hide. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left instanceof Secret) return left.equals(right);
  if (!isComposite(left) || !isComposite(right)) return Object.is(left, right);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => isSame(left[key], right[key]));
}

function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Secret);
}
