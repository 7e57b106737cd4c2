import { z } from 'zod';
import { oneOf } from '../environment/kind.js';

/** What the documentation and the error lines know of a key, beyond its type. */
export interface Setting {
  readonly meaning: string;
  /** What happens without it, in words, where the schema has no default. */
  readonly unset?: string;
  /** `false`: accepted and checked, but this version does nothing with it yet. */
  readonly effective?: false;
  /** What stands here, or in the place of it, may be a credential: error lines do not show it. */
  readonly hidden?: true;
}

const settings = z.registry<Setting>();
const expectations = z.registry<{ readonly text: string }>();

/** A key of the file: its schema and what it means. */
export function setting<S extends z.ZodType>(schema: S, meaning: string, more: Omit<Setting, 'meaning'> = {}): S {
  settings.add(schema, { meaning, ...more });
  return schema;
}

export function expecting<S extends z.ZodType>(text: string, schema: S): S {
  expectations.add(schema, { text });
  return schema;
}

/** The schema itself, without what makes it optional, and with all that is known of it. */
export interface Node {
  readonly schema: z.core.$ZodType;
  readonly setting: Setting | undefined;
  readonly expects: string;
  readonly default: unknown;
  readonly required: boolean;
}

export function nodeOf(schema: z.core.$ZodType): Node {
  let known: Setting | undefined;
  let value: unknown;
  let inner = schema;
  for (;;) {
    known ??= settings.get(inner);
    if (inner instanceof z.ZodDefault) value ??= inner.def.defaultValue;
    if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)) break;
    inner = inner.unwrap();
  }
  return {
    schema: inner,
    setting: known,
    expects: expectations.get(inner)?.text ?? shapeOf(inner),
    default: value,
    required: inner === schema,
  };
}

/** What is expected of a list that nothing more is known of. */
export const LIST = 'a list';

function shapeOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodArray) return LIST;
  if (schema instanceof z.ZodEnum) return oneOf(schema.options.map(String));
  if (schema instanceof z.ZodBoolean) return 'true or false';
  return schema instanceof z.ZodString ? 'a text' : 'a mapping';
}

/** What stands under `key` of a mapping or a list, if anything may. */
export function childOf(parent: Node, key: PropertyKey): Node | undefined {
  const { schema } = parent;
  if (schema instanceof z.ZodArray) return nodeOf(schema.element);
  if (schema instanceof z.ZodRecord) return nodeOf(schema.valueType);
  const child = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key) ? schema.shape[String(key)] : undefined;
  return child && nodeOf(child);
}

export function keysOf({ schema }: Node): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
