/** One thing that a drill measured. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  /** What was promised, where something was. */
  readonly bound?: string;
  readonly holds: boolean;
}

export interface Report {
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** A figure that nothing was promised of. */
export function told(name: string, measured: string | number): Figure {
  return { name, measured: String(measured), holds: true };
}

export function atMost(name: string, measured: number, bound: number, unit = ''): Figure {
  return { name, measured: `${round(measured)}${unit}`, bound: `≤ ${round(bound)}${unit}`, holds: measured <= bound };
}

export function atLeast(name: string, measured: number, bound: number, unit = ''): Figure {
  return { name, measured: `${round(measured)}${unit}`, bound: `≥ ${round(bound)}${unit}`, holds: measured >= bound };
}

export function exactly(name: string, measured: number, bound: number): Figure {
  return { name, measured: String(measured), bound: String(bound), holds: measured === bound };
}

/** The value below which this share of the values lies; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** A table for people. What was missed says so. */
export function toTable({ title, figures }: Report): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  const measured = Math.max(...figures.map((figure) => figure.measured.length));
  const lines = figures.map(({ name, bound, holds, ...figure }) => {
    const promise = bound === undefined ? '' : `${bound.padEnd(12)} ${holds ? 'ok' : 'MISSED'}`;
    return `  ${name.padEnd(width)}  ${figure.measured.padStart(measured)}  ${promise}`.trimEnd();
  });
  return `${title}\n${lines.join('\n')}\n`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
