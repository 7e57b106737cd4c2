import type { Findings } from '../findings.js';
import type { Entry } from '../yaml/file.js';

/** What a list may have once only: of two entries of one name, the second is reported. */
export function reportDoubles<T>(entries: readonly Entry<T>[], key: keyof T & string, findings: Findings): void {
  const first = new Map<unknown, string>();
  for (const { path, value } of entries) {
    const earlier = first.get(value[key]);
    if (earlier === undefined) first.set(value[key], path);
    else findings.problems.push(`${path}.${key}: "${String(value[key])}" is taken by ${earlier}; give it another, or remove one`);
  }
}
