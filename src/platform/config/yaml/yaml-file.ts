import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import type { Found } from '../environment/environment-source.js';
import type { Findings } from '../findings.js';

export interface YamlFile {
  /** Absolute. The paths inside the file start from its folder. */
  readonly path: string;
  readonly content: unknown;
}

const USUAL = 'tollgate.yaml';
const OLD = 'config.yaml';

/** Where the file may be, in the order in which it is looked for. */
export function yamlPaths(named: Found | undefined, cwd: string): readonly string[] {
  return named ? [resolve(cwd, named.text)] : [resolve(cwd, USUAL), resolve(cwd, OLD)];
}

/** The file that `TOLLGATE_CONFIG` names, else `tollgate.yaml`, else the `config.yaml` of those who move here. */
export function findYaml(named: Found | undefined, cwd: string, findings: Findings): YamlFile | undefined {
  const [first, old] = yamlPaths(named, cwd) as [string, string?];
  if (named || existsSync(first)) return readYaml(first, named?.name ?? USUAL, findings);
  return old !== undefined && existsSync(old) ? readOldYaml(old, findings) : undefined;
}

/** Plenty of programs have a `config.yaml`: without providers it is another's, and left alone. */
function readOldYaml(path: string, findings: Findings): YamlFile | undefined {
  const file = readYaml(path, OLD, findings);
  if (!file) return undefined;
  const { content } = file;
  if (typeof content === 'object' && content !== null && 'providers' in content) {
    findings.deprecations.push('config.yaml is an old name: call the file tollgate.yaml.');
    return file;
  }
  findings.notices.push('config.yaml is not read, as it has no `providers`. If it is meant for Tollgate, call it tollgate.yaml.');
  return undefined;
}

function readYaml(path: string, label: string, findings: Findings): YamlFile | undefined {
  try {
    const document = parseDocument(readFileSync(path, 'utf8'));
    for (const error of document.errors) {
      const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
      // Only the first half: the rest shows the file's own text.
      findings.problems.push(`${label}: line ${line}, column ${col}: ${error.message.split(/ at line |:|\n/)[0]}`);
    }
    if (document.errors.length > 0) return undefined;
    keepPricesAsWritten(document);
    return { path, content: withoutNulls(document.toJS()) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    findings.problems.push(code ? `${label}: cannot read ${path} (${code})` : `${label}: expected YAML that can be resolved`);
    return undefined;
  }
}

const PRICES = ['input', 'output', 'cache_read', 'cache_write'];

/** A float would lose digits of a price: its text is taken instead of its number. */
function keepPricesAsWritten(document: Document): void {
  visit(document, {
    Pair: (_, { key, value }) => {
      const isPrice = isScalar(key) && PRICES.includes(String(key.value));
      if (isPrice && isScalar(value) && typeof value.value === 'number' && value.source) value.value = value.source;
    },
  });
}

/** A key with nothing behind it counts as unset, like an empty variable. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}
