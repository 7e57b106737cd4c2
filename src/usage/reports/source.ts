import type { DaySeries } from '../rollups/series.js';
import type { Grouping } from './groupings.js';

/** Whose calls a report is about. */
export type Scope =
  | { readonly of: 'everything' }
  | { readonly of: 'key'; readonly keyId: string }
  /** `tenant` undefined = in all of them. */
  | { readonly of: 'user'; readonly userId: string; readonly tenant: string | undefined };

/** Where the sums of a report are read, and by which name. All texts are SQL. */
export interface Source {
  /** undefined = in no cells. */
  readonly series: DaySeries | undefined;
  readonly hasQuarters: boolean;
  /** Of the cells; undefined = of each subject. */
  readonly subject: string | undefined;
  /** Over a cell: its name in the report, `''` for none. */
  readonly cellName: string;
  /** Over a row of the ledger: the same name. */
  readonly rowName: string;
  /** What rows are joined with to have that name. */
  readonly rowJoin?: string;
  readonly rowCondition?: string;
}

type Naming = Pick<Source, 'cellName' | 'rowName' | 'rowJoin' | 'rowCondition'>;

const UNNAMED: Naming = { cellName: `''`, rowName: `''` };
const BY_VALUE: Pick<Naming, 'cellName'> = { cellName: 'value' };
const MODEL_OF = (place: string): string => `substring(${place} FROM position('/' IN ${place}) + 1)`;
const PROVIDER_OF = (place: string): string => `split_part(${place}, '/', 1)`;
/** Tenants have no blanks. */
const PLACE_OF_USER = `substring(value FROM position(' ' IN value) + 1)`;
const MODEL: Naming = { cellName: MODEL_OF('value'), rowName: `CASE WHEN provider IS NULL OR model IS NULL THEN '' ELSE model END` };
const PROVIDER: Naming = {
  cellName: PROVIDER_OF('value'),
  rowName: `CASE WHEN provider IS NULL OR model IS NULL THEN '' ELSE provider END`,
};
const USER: Naming = { ...BY_VALUE, rowName: `coalesce(user_id, '')` };
const TEAM: Naming = { ...BY_VALUE, rowName: 'tenant' };
const TEMPLATE: Naming = { ...BY_VALUE, rowName: 'template', rowCondition: 'template IS NOT NULL' };
const TAG: Naming = {
  ...BY_VALUE,
  rowName: `tag.key || '=' || tag.value`,
  rowJoin: `CROSS JOIN LATERAL jsonb_each_text(CASE jsonb_typeof(tags) WHEN 'object' THEN tags END) AS tag`,
};

interface Kept {
  readonly series: DaySeries | undefined;
  readonly naming: Naming;
  readonly hasQuarters?: true;
}

const EVERYTHING: Readonly<Record<Grouping, Kept>> = {
  model: { series: 'model', naming: MODEL, hasQuarters: true },
  provider: { series: 'model', naming: PROVIDER, hasQuarters: true },
  key: { series: 'key', naming: { cellName: 'subject', rowName: 'key_id' }, hasQuarters: true },
  team: { series: 'team', naming: TEAM, hasQuarters: true },
  user: { series: undefined, naming: USER },
  tag: { series: 'tag', naming: TAG, hasQuarters: true },
  template: { series: 'template', naming: TEMPLATE, hasQuarters: true },
  outcome: { series: 'outcome', naming: { ...BY_VALUE, rowName: 'coalesce(error_kind, ending)' }, hasQuarters: true },
};

const OF_KEY: Readonly<Partial<Record<Grouping, Kept>>> = {
  model: { series: 'key_model', naming: MODEL },
  provider: { series: 'key_model', naming: PROVIDER },
  user: { series: 'key_user', naming: USER },
  tag: { series: 'key_tag', naming: TAG },
  template: { series: 'key_template', naming: TEMPLATE },
};

const OF_USER: Readonly<Partial<Record<Grouping, Kept>>> = {
  model: { series: 'user_model', naming: { ...MODEL, cellName: MODEL_OF(PLACE_OF_USER) } },
  provider: { series: 'user_model', naming: { ...PROVIDER, cellName: PROVIDER_OF(PLACE_OF_USER) } },
  team: { series: 'user', naming: TEAM },
};

const KEPT = { everything: EVERYTHING, key: OF_KEY, user: OF_USER } as const satisfies Record<
  Scope['of'],
  Readonly<Partial<Record<Grouping, Kept>>>
>;

/** By what the calls of a scope can be grouped. */
export function groupingsOf(scope: Scope['of']): readonly Grouping[] {
  return Object.keys(KEPT[scope]) as Grouping[];
}

/** All of a scope's calls, each once. */
export function wholeOf(scope: Scope): Source {
  if (scope.of === 'everything') return { series: 'total', hasQuarters: true, subject: '', ...UNNAMED };
  if (scope.of === 'key') return { series: 'key', hasQuarters: true, subject: scope.keyId, ...UNNAMED };
  return { series: 'user', hasQuarters: false, subject: scope.userId, ...UNNAMED };
}

/** undefined = nothing is kept by which they could be grouped so. */
export function sourceOf(scope: Scope, grouping: Grouping): Source | undefined {
  const kept: Kept | undefined = (KEPT[scope.of] as Readonly<Partial<Record<Grouping, Kept>>>)[grouping];
  if (!kept) return undefined;
  return { series: kept.series, hasQuarters: kept.hasQuarters === true, subject: subjectOf(scope, grouping), ...kept.naming };
}

/** How long calls took, by bucket, or by bucket and model as a blank between them has it. */
export function latencySourceOf(series: 'latency' | 'model_latency', bucketSql: string): Source {
  const bucket = series === 'latency' ? bucketSql : `${bucketSql} || ' ' || coalesce(provider || '/' || model, '')`;
  return { series, hasQuarters: true, subject: '', cellName: 'value', rowName: bucket, rowCondition: `ending = 'complete'` };
}

function subjectOf(scope: Scope, grouping: Grouping): string | undefined {
  if (scope.of === 'everything') return grouping === 'key' ? undefined : '';
  return scope.of === 'key' ? scope.keyId : scope.userId;
}
