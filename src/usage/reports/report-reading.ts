import type { Grouping } from './groupings.js';
import { planReading, type ReadingPlan } from './reading-plan.js';
import { type Scope, type Source, sourceOf, wholeOf } from './source.js';
import { ALL_FIGURES } from './sums.sql.js';
import { added, byFallingCost, type NamedSums, NO_SUMS, type Sums, subtracted } from './sums.js';
import type { UsageReader } from './usage.store.js';

/** A row of a report. */
export interface ReportRow {
  readonly slot: number;
  /** `''` = none: no model reached, no user named; undefined = not grouped, or all the groups that are not shown. */
  readonly name: string | undefined;
  readonly isOther: boolean;
  readonly sums: Sums;
}

export interface SlotTotals {
  readonly whole: Sums;
  readonly bySlot: readonly Sums[];
}

/** One snapshot's answers about the calls of a scope in slots of time that touch: `bounds[n]` to `bounds[n + 1]`. */
export class ReportReading {
  constructor(
    private readonly reader: UsageReader,
    private readonly scope: Scope,
    private readonly bounds: readonly number[],
    private readonly nowMs: number,
  ) {}

  /** Each call once. */
  totals(): Promise<SlotTotals> {
    return this.together(wholeOf(this.scope));
  }

  /** All groups of each slot; a call counts in each group that it belongs to. At most `most` of them. */
  async allGroups(grouping: Grouping, totals: SlotTotals, most: number): Promise<readonly ReportRow[]> {
    const source = this.source(grouping);
    const named = await this.read(source, { limit: most });
    return sorted([...named.map(toRow), ...(grouping === 'template' ? await this.nameless(source, totals) : [])]);
  }

  /** The dearest groups of the whole time, at most `limit`, slot by slot, and the others together. At most `most` rows besides. */
  async topGroups(
    grouping: Grouping,
    totals: SlotTotals,
    { limit, most }: { readonly limit: number; readonly most: number },
  ): Promise<readonly ReportRow[]> {
    const source = this.source(grouping);
    // All subjects are read anyway, and have few sums where there is one slot. Else most of the reading is spared that no row needs.
    const isReadOnce = source.subject === undefined && this.bounds.length === 2;
    const ranked = isReadOnce ? await this.read(source, { limit }) : await this.dearest(source, limit);
    const nameless = grouping === 'template' ? await this.nameless(source, totals) : [];
    const candidates = [...ranked, ...(nameless.length > 0 ? [{ ...sumOf(nameless), name: '' }] : [])].toSorted(byFallingCost);
    const names = new Set(candidates.slice(0, limit).map(({ name }) => name));
    const named = isReadOnce || names.size === 0 ? ranked : await this.read(source, { names: [...names], limit: most });
    const shown = [...named.map(toRow), ...nameless.filter(({ name }) => names.has(name ?? ''))];
    const base = grouping === 'tag' ? await this.together(source) : totals;
    return sorted([...shown, ...othersOf(shown, base)]);
  }

  /** The calls of a source by its names, counted. */
  counts(source: Source): Promise<readonly NamedSums[]> {
    return this.reader.sums({ scope: this.scope, source, plan: this.plan(source), figures: ['requests'] });
  }

  private dearest(source: Source, limit: number): Promise<readonly NamedSums[]> {
    const plan = this.plan(source, [this.bounds[0]!, this.bounds.at(-1)!]);
    return this.reader.sums({ scope: this.scope, source, plan, figures: ['requests', 'costNanoUsd'], limit });
  }

  private source(grouping: Grouping): Source {
    const source = sourceOf(this.scope, grouping);
    if (!source) throw new Error(`nothing is kept of a ${this.scope.of} by ${grouping}`);
    return source;
  }

  private plan({ series, hasQuarters }: Source, bounds = this.bounds): ReadingPlan {
    return planReading(bounds, this.nowMs, { days: series !== undefined, quarters: hasQuarters });
  }

  private read(
    source: Source,
    { names, limit }: { readonly names?: readonly string[]; readonly limit?: number },
  ): Promise<readonly NamedSums[]> {
    return this.reader.sums({ scope: this.scope, source, plan: this.plan(source), names, figures: ALL_FIGURES, limit });
  }

  /** What no group of templates has. */
  private async nameless(source: Source, totals: SlotTotals): Promise<readonly ReportRow[]> {
    const named = await this.together(source);
    const rows = totals.bySlot.map((sums, slot) => ({ slot, name: '', isOther: false, sums: subtracted(sums, named.bySlot[slot]!) }));
    return rows.filter(({ sums }) => sums.requests !== 0n);
  }

  private async together(source: Source): Promise<SlotTotals> {
    const rows = await this.read({ ...source, cellName: `''`, rowName: `''` }, {});
    const bySlot: Sums[] = this.bounds.slice(1).map(() => NO_SUMS);
    for (const { slot, name: _name, ...sums } of rows) bySlot[slot] = sums;
    return { whole: bySlot.reduce(added, NO_SUMS), bySlot };
  }
}

function toRow({ slot, name, ...sums }: NamedSums): ReportRow {
  return { slot, name, isOther: false, sums };
}

function sumOf(rows: readonly ReportRow[]): Sums {
  return rows.map(({ sums }) => sums).reduce(added, NO_SUMS);
}

function othersOf(shown: readonly ReportRow[], { bySlot }: SlotTotals): readonly ReportRow[] {
  const rest = [...bySlot];
  for (const { slot, sums } of shown) rest[slot] = subtracted(rest[slot]!, sums);
  return rest.map((sums, slot) => ({ slot, name: undefined, isOther: true, sums })).filter(({ sums }) => sums.requests !== 0n);
}

/** By time, then by falling cost, the others last. */
function sorted(rows: readonly ReportRow[]): readonly ReportRow[] {
  const ranked = rows.map((row) => ({ row, name: row.name ?? '', costNanoUsd: row.sums.costNanoUsd, requests: row.sums.requests }));
  ranked.sort(
    (one, other) => one.row.slot - other.row.slot || Number(one.row.isOther) - Number(other.row.isOther) || byFallingCost(one, other),
  );
  return ranked.map(({ row }) => row);
}
