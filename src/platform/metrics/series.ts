/** One exported sample. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** What prom-client's registry asks of a metric: our own numbers are handed over when somebody scrapes, not on every call. */
export interface ScrapedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram' | 'gauge';
  /** How the figures of several processes make one. */
  readonly aggregator: 'sum' | 'min' | 'max';
  get(): Promise<ScrapedMetric & { values: Sample[] }>;
  reset(): void;
}

type Labels = readonly string[];

/** The number of one combination of labels. */
export interface Count {
  value: number;
}

/** A counter with one number per combination of labels. */
export class CounterSeries implements ScrapedMetric {
  readonly type = 'counter';
  readonly aggregator = 'sum';
  private readonly series = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly labelNames: Labels,
  ) {}

  /** The number of these labels, to be kept and raised: finding it costs more than raising it. */
  of(...labels: Labels): Count {
    const key = labels.join('\0');
    let one = this.series.get(key);
    if (!one) this.series.set(key, (one = { labels, value: 0 }));
    return one;
  }

  get(): Promise<ScrapedMetric & { values: Sample[] }> {
    const values = [...this.series.values()].map(({ labels, value }) => ({ labels: named(this.labelNames, labels), value }));
    return Promise.resolve(Object.assign(Object.create(this) as this, { values }));
  }

  reset(): void {
    this.series.clear();
  }
}

/** What was observed under one combination of labels. */
export interface Observations {
  observe(seconds: number): void;
}

class Distribution implements Observations {
  readonly counts: Float64Array;
  sum = 0;

  constructor(
    readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += seconds;
  }
}

/** A histogram with fixed bounds, in seconds. */
export class HistogramSeries implements ScrapedMetric {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly series = new Map<string, Distribution>();

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly labelNames: Labels,
    private readonly bounds: readonly number[],
  ) {}

  /** What was observed under these labels, to be kept and added to. */
  of(...labels: Labels): Observations {
    const key = labels.join('\0');
    let one = this.series.get(key);
    if (!one) this.series.set(key, (one = new Distribution(labels, this.bounds)));
    return one;
  }

  get(): Promise<ScrapedMetric & { values: Sample[] }> {
    const values = [...this.series.values()].flatMap((one) => this.samplesOf(one));
    return Promise.resolve(Object.assign(Object.create(this) as this, { values }));
  }

  reset(): void {
    this.series.clear();
  }

  private samplesOf({ labels, counts, sum }: Distribution): Sample[] {
    const common = named(this.labelNames, labels);
    let total = 0;
    const buckets = [...this.bounds, '+Inf'].map((le, i) => {
      total += counts[i]!;
      return { labels: { ...common, le }, value: total, metricName: `${this.name}_bucket` };
    });
    return [
      ...buckets,
      { labels: common, value: sum, metricName: `${this.name}_sum` },
      { labels: common, value: total, metricName: `${this.name}_count` },
    ];
  }
}

/** What a state is at the moment of the scrape: the values of its labels, and its number. */
export type Reading = readonly [labels: Labels, value: number];

/** A state that somebody else knows and is asked for when it is scraped. */
export class GaugeSeries implements ScrapedMetric {
  readonly type = 'gauge';

  constructor(
    readonly name: string,
    readonly help: string,
    readonly aggregator: 'min' | 'max',
    private readonly labelNames: Labels,
    private readonly read: () => readonly Reading[],
  ) {}

  get(): Promise<ScrapedMetric & { values: Sample[] }> {
    const values = this.read().map(([labels, value]) => ({ labels: named(this.labelNames, labels), value }));
    return Promise.resolve(Object.assign(Object.create(this) as this, { values }));
  }

  /** It has nothing of its own to forget. */
  reset(): void {}
}

function named(names: Labels, values: Labels): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}
