import { childOf, type Node } from './setting.js';
import { toPathText } from './yaml-problems.js';

const YET = 'but this version does nothing with it yet.';

/** One line for each thing in the file that is right but does nothing yet. */
export function findIneffective(node: Node, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const where = toPathText(path);
  const { effective, inEffect } = node.setting ?? {};
  if (effective === false) return [`${where} is set, ${YET}`];
  if (inEffect) {
    const idle = [value].flat().filter((item) => !inEffect.includes(String(item)));
    return idle.map((item) => `${where}: "${String(item)}" is accepted, ${YET}`);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const child = childOf(node, key);
    return child ? findIneffective(child, inner, [...path, Array.isArray(value) ? Number(key) : key]) : [];
  });
}
