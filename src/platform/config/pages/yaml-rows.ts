import { z } from 'zod';
import { fileSchema } from '../yaml/file.schema.js';
import { childOf, keysOf, LIST, nodeOf, type Node } from '../yaml/setting.js';

/** One key of the file, as the documentation shows it. */
export interface YamlRow {
  readonly path: string;
  readonly accepts: string;
  readonly default: string;
  readonly meaning: string;
  readonly effective: boolean;
}

export function toYamlRows(): readonly YamlRow[] {
  return rowsUnder(nodeOf(fileSchema), '', true);
}

function rowsUnder(parent: Node, prefix: string, effective: boolean): readonly YamlRow[] {
  return keysOf(parent).flatMap((key) => {
    const node = childOf(parent, key)!;
    const isEffective = effective && node.setting?.effective !== false;
    const row: YamlRow = {
      path: `${prefix}${key}`,
      accepts: acceptedBy(node),
      default: defaultOf(node),
      meaning: node.setting?.meaning ?? '',
      effective: isEffective,
    };
    const element = node.schema instanceof z.ZodArray ? nodeOf(node.schema.element) : node;
    return [row, ...rowsUnder(element, `${row.path}${element === node ? '' : '[]'}.`, isEffective)];
  });
}

function acceptedBy({ schema, expects }: Node): string {
  if (!(schema instanceof z.ZodArray) || expects !== LIST) return expects;
  const element = nodeOf(schema.element);
  return element.schema instanceof z.ZodObject ? 'a list of mappings' : `${LIST} of ${element.expects}`;
}

function defaultOf(node: Node): string {
  if (node.setting?.unset) return node.setting.unset;
  if (node.required) return '**required**';
  return node.default === undefined ? '' : shown(node.default);
}

/** As one would write it; what is empty needs no showing. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? `\`[${value.join(', ')}]\`` : '';
  return typeof value === 'object' ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}
