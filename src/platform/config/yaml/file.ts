import { z } from 'zod';
import { showFound } from '../found.js';
import type { Findings } from '../findings.js';
import { fileSchema, type FileYaml } from './file.schema.js';
import type { ModelYaml, PriceYaml } from './model.schema.js';
import { findIneffective } from './not-in-effect.js';
import type { ProviderYaml } from './provider.schema.js';
import { nodeOf } from './setting.js';
import { toPathText, toProblems } from './yaml-problems.js';

/** An entry of a list that is right in itself, with its place in the file for what is found out about it later. */
export interface Entry<T> {
  readonly path: string;
  readonly value: T;
}

type Lists = { readonly providers: ProviderYaml; readonly models: ModelYaml; readonly prices: PriceYaml };

/** The file as far as it is right; what is wrong has been reported, and stands as if it were not there. */
export type FileContent = Omit<FileYaml, keyof Lists> & { readonly [Key in keyof Lists]: readonly Entry<Lists[Key]>[] } & {
  /** Something was wrong under `providers`: what is missing there may only have been misspelt. */
  readonly providersBroken: boolean;
};

const root = nodeOf(fileSchema);

/** Looks at each section, and each entry of the lists, by itself, so that one mistake does not hide the next. */
export function parseFile(content: unknown, findings: Findings): FileContent {
  const given = content ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    findings.problems.push(`the configuration file: expected a mapping with keys such as providers, found ${showFound(given)}`);
    return parseFile({}, findings);
  }
  const before = findings.problems.length;
  reportUnknown(given, findings);
  const sections = Object.entries(fileSchema.shape).map(([name, schema]) => {
    const value = (given as Record<string, unknown>)[name];
    const isList = nodeOf(schema).schema instanceof z.ZodArray;
    return [
      name,
      isList && Array.isArray(value) ? parseEntries(name, schema, value, findings) : parsePart(schema, value, [name], findings),
    ];
  });
  const providersBroken = findings.problems.slice(before).some((line) => line.startsWith('providers'));
  return { ...Object.fromEntries(sections), providersBroken } as FileContent;
}

function parseEntries(name: string, schema: z.core.$ZodType, values: readonly unknown[], findings: Findings): readonly Entry<unknown>[] {
  const { schema: list } = nodeOf(schema);
  if (!(list instanceof z.ZodArray)) return [];
  return values.flatMap((value, at) => {
    const path = [name, at];
    const parsed = parsePart(list.element as z.ZodType, value, path, findings, false);
    return parsed === undefined ? [] : [{ path: toPathText(path), value: parsed }];
  });
}

/** What is wrong gives way to the schema's defaults, where it has any. */
function parsePart(schema: z.ZodType, value: unknown, path: readonly PropertyKey[], findings: Findings, fallBack = true): unknown {
  const result = schema.safeParse(value);
  if (result.success) {
    if (value !== undefined) findings.notices.push(...findIneffective(nodeOf(schema), value, path));
    return result.data;
  }
  findings.problems.push(...toProblems(result.error, nodeOf(schema), value, path));
  return fallBack ? schema.parse(undefined) : undefined;
}

function reportUnknown(given: object, findings: Findings): void {
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(fileSchema.shape, key));
  const { error } = z.strictObject({}).safeParse(Object.fromEntries(unknown.map((key) => [key, null])));
  if (error) findings.problems.push(...toProblems(error, root, given, []));
}
