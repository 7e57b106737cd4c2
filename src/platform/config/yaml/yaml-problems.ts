import type { z } from 'zod';
import { showFound } from '../found.js';
import { findNearest } from '../nearest.js';
import { childOf, keysOf, type Node } from './setting.js';

type Path = readonly PropertyKey[];

/** `providers[0].timeouts.connect_ms`, or `routing.prefixes["gpt-"]`. */
export function toPathText(path: Path): string {
  return path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    const name = String(key);
    if (!/^\w+$/.test(name)) return `${before}["${name.slice(0, 60)}"]`;
    return before === '' ? name : `${before}.${name}`;
  }, '');
}

/** Zod's issues about `value`, which stands at `at` in the file, one line each: where, what is accepted, what was found. */
export function toProblems(error: z.ZodError, root: Node, value: unknown, at: Path): readonly string[] {
  const lines = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [toProblem(issue.path, root, value, at)];
    const known = keysOf(descend(root, issue.path).node);
    return issue.keys.map((key) => `${toPathText([...at, ...issue.path, key])}: ${adviceOn(key, known)}`);
  });
  return [...new Set(lines)];
}

function toProblem(path: Path, root: Node, value: unknown, at: Path): string {
  const { node, hidden } = descend(root, path);
  const found = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const where = toPathText([...at, ...path]) || 'the file';
  if (found === undefined) return `${where}: is missing; expected ${node.expects}`;
  const emptyList = Array.isArray(found) && found.length === 0;
  const shown = hidden && typeof found === 'string' ? '' : `, found ${emptyList ? 'an empty one' : showFound(found)}`;
  return `${where}: expected ${node.expects}${shown}`;
}

function descend(root: Node, path: Path): { readonly node: Node; readonly hidden: boolean } {
  let node = root;
  let hidden = root.setting?.hidden ?? false;
  for (const key of path) {
    node = childOf(node, key) ?? node;
    hidden ||= node.setting?.hidden ?? false;
  }
  return { node, hidden };
}

/** The value of an unknown key is never shown: it may be a secret in the wrong place. */
function adviceOn(key: string, known: readonly string[]): string {
  if (/key|secret|token|password/i.test(key) && known.includes('api_key_env')) {
    return 'secrets do not stand in this file; put it into an environment variable and name that: api_key_env';
  }
  const nearest = findNearest(key, known);
  return nearest ? `unknown key; did you mean ${nearest}?` : `unknown key; known here are ${known.join(', ')}`;
}
