import { ACCESS_ROWS } from './access.rows.js';
import type { EnvironmentSource } from './environment-source.js';
import { showFound } from '../found.js';
import type { Findings } from '../findings.js';
import { findNearest } from '../nearest.js';
import { POLICY_ROWS } from './policy.rows.js';
import { PROVIDER_ROWS } from './provider.rows.js';
import type { Row, Rows, ValuesOf } from './row.js';
import { SERVER_ROWS } from './server.rows.js';
import { STORE_ROWS } from './store.rows.js';

/** Every variable with a fixed name, in the order in which the documentation shows them. */
export const ENVIRONMENT_GROUPS = [
  { title: 'Server', rows: SERVER_ROWS },
  { title: 'Stores', rows: STORE_ROWS },
  { title: 'Access and privacy', rows: ACCESS_ROWS },
  { title: 'Providers', rows: PROVIDER_ROWS },
  { title: 'Limits', rows: POLICY_ROWS },
] as const;

const ROWS = { ...SERVER_ROWS, ...STORE_ROWS, ...ACCESS_ROWS, ...PROVIDER_ROWS, ...POLICY_ROWS } satisfies Rows;

export type VariableName = keyof typeof ROWS;

export interface Environment {
  readonly values: ValuesOf<typeof ROWS>;
  /** The variables that somebody set, whatever their value. */
  readonly set: ReadonlySet<VariableName>;
}

/** Reads every row. A wrong value is a problem and counts as unset, so that the others are still looked at. */
export function readEnvironment(source: EnvironmentSource, findings: Findings): Environment {
  const set = new Set<VariableName>();
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries<Row>(ROWS)) {
    const found = row.kind.secret ? source.findSecret(name) : source.find(name);
    if (found) set.add(name as VariableName);
    if (found && row.effective === false) findings.notices.push(`${found.name} is set, but this version does nothing with it yet.`);
    if (!row.kind.secret) warnOfFile(source, name, findings);
    values[name] = found && readValue(row, found, findings);
    if (values[name] === undefined && row.default !== undefined) values[name] = row.kind.schema.parse(row.default);
  }
  return { values: values as ValuesOf<typeof ROWS>, set };
}

function readValue(row: Row, found: { readonly name: string; readonly text: string }, findings: Findings): unknown {
  const result = row.kind.schema.safeParse(found.text);
  if (result.success) return result.data;
  // A secret is never shown, not even a wrong one.
  const shown = row.kind.secret ? '' : `, found ${showFound(found.text)}`;
  findings.problems.push(`${found.name}: expected ${row.kind.expects}${shown}`);
  return undefined;
}

/** A name in `.env` that is nearly one of ours is more likely misspelt than another program's. To be asked when all is read. */
export function warnOfMisspelt(source: EnvironmentSource, findings: Findings): void {
  for (const name of source.strangers()) {
    const nearest = findNearest(name, Object.keys(ROWS), name.length < 8 ? 1 : 2);
    if (nearest) findings.notices.push(`${name} in .env means nothing to Tollgate; did you mean ${nearest}?`);
  }
}

function warnOfFile(source: EnvironmentSource, name: string, findings: Findings): void {
  if (source.find(`${name}_FILE`)) findings.notices.push(`${name}_FILE is ignored: only secrets are read from files. Set ${name} itself.`);
}
