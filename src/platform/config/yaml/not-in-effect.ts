import { childOf, type Node } from './setting.js';
import { toPathText } from './yaml-problems.js';

/** One line for each thing in the file that is right but does nothing yet. */
export function findIneffective(node: Node, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const where = toPathText(path);
  if (node.setting?.effective === false) return [`${where} is set, but this version does nothing with it yet.`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const child = childOf(node, key);
    return child ? findIneffective(child, inner, [...path, Array.isArray(value) ? Number(key) : key]) : [];
  });
}
