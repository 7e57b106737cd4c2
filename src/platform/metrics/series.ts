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
  readonly type: 'counter' | 'histogram';
  readonly aggregator: 'sum';
  get(): Promise<ScrapedMetric & { values: Sample[] }>;
  reset(): void;
}

type Labels = readonly string[];

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

  add(amount: number, ...labels: Labels): void {
    const key = labels.join('\0');
    const one = this.series.get(key);
    if (one) one.value += amount;
    else this.series.set(key, { labels, value: amount });
  }

  get(): Promise<ScrapedMetric & { values: Sample[] }> {
    const values = [...this.series.values()].map(({ labels, value }) => ({ labels: named(this.labelNames, labels), value }));
    return Promise.resolve(Object.assign(Object.create(this) as this, { values }));
  }

  reset(): void {
    this.series.clear();
  }
}

/** A histogram with fixed bounds, in seconds. */
export class HistogramSeries implements ScrapedMetric {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly series = new Map<string, { readonly labels: Labels; readonly counts: Float64Array; sum: number }>();

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly labelNames: Labels,
    private readonly bounds: readonly number[],
  ) {}

  observe(seconds: number, ...labels: Labels): void {
    const key = labels.join('\0');
    let one = this.series.get(key);
    if (!one) this.series.set(key, (one = { labels, counts: new Float64Array(this.bounds.length + 1), sum: 0 }));
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > this.bounds[bucket]!) bucket++;
    one.counts[bucket]!++;
    one.sum += seconds;
  }

  get(): Promise<ScrapedMetric & { values: Sample[] }> {
    const values = [...this.series.values()].flatMap((one) => this.samplesOf(one));
    return Promise.resolve(Object.assign(Object.create(this) as this, { values }));
  }

  reset(): void {
    this.series.clear();
  }

  private samplesOf({ labels, counts, sum }: { labels: Labels; counts: Float64Array; sum: number }): Sample[] {
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

function named(names: Labels, values: Labels): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}
