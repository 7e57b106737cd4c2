import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { CallRecord } from '../../core/call.js';
import { BUCKETS, type Bucket } from '../../core/usage.js';
import { type Count, CounterSeries, HistogramSeries, type Observations, type ScrapedMetric } from './series.js';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const SMALL_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const NANO = 1e9;

/** What settled calls add up to. Labels come from closed sets: no key, no user, and a made-up model name is `other`. */
@Injectable()
export class CallMetrics {
  private readonly registry = new Registry();
  /** By provider, then by model. */
  private readonly places = new Map<string, Map<string, Place>>();
  private readonly calls = new CounterSeries('tollgate_requests_total', 'Model calls by how they ended.', [
    'surface',
    'provider',
    'model',
    'outcome',
  ]);
  private readonly duration = new HistogramSeries(
    'tollgate_request_duration_seconds',
    'From arrival to the end of the answer.',
    ['provider', 'model'],
    SECONDS,
  );
  private readonly firstToken = new HistogramSeries(
    'tollgate_time_to_first_token_seconds',
    'From arrival to the first byte of a streamed answer.',
    ['provider', 'model'],
    SECONDS,
  );
  private readonly overhead = new HistogramSeries(
    'tollgate_overhead_seconds',
    "The gateway's own time before the first byte.",
    ['provider'],
    SMALL_SECONDS,
  );
  private readonly tokens = new CounterSeries('tollgate_tokens_total', 'Tokens by kind.', ['provider', 'model', 'kind']);
  private readonly cost = new CounterSeries('tollgate_cost_usd_total', 'What calls cost, in US dollars.', ['provider', 'model']);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const metric of [this.calls, this.duration, this.firstToken, this.overhead, this.tokens, this.cost]) this.show(metric);
  }

  /** Shows one more metric from now on, under a name that no other has. */
  show(metric: ScrapedMetric): void {
    this.registry.registerMetric(metric as unknown as Metric);
  }

  /** How a call went. */
  countCall(record: CallRecord): void {
    const { provider = 'none', metricModel: model, call } = record;
    const place = this.placeOf(provider, model);
    this.outcomeOf(place, call.request.dialect, record.errorKind ?? record.ending).value += 1;
    place.duration.observe(record.durationMs / 1000);
    if (record.firstTokenMs === undefined) return;
    if (call.request.stream) (place.firstToken ??= this.firstToken.of(provider, model)).observe(record.firstTokenMs / 1000);
    place.overhead.observe(record.overheadUs / 1e6);
  }

  /** What a call used and cost. */
  countCost({ provider = 'none', metricModel: model, usage, costNanoUsd }: CallRecord): void {
    const place = this.placeOf(provider, model);
    for (const bucket of BUCKETS) {
      const tokens = usage[bucket];
      if (tokens > 0) (place.tokens[bucket] ??= this.tokens.of(provider, model, bucket)).value += tokens;
    }
    if (costNanoUsd > 0n) (place.cost ??= this.cost.of(provider, model)).value += Number(costNanoUsd) / NANO;
  }

  private placeOf(provider: string, model: string): Place {
    let models = this.places.get(provider);
    if (!models) this.places.set(provider, (models = new Map()));
    let place = models.get(model);
    if (!place) {
      const [duration, overhead] = [this.duration.of(provider, model), this.overhead.of(provider)];
      models.set(model, (place = { provider, model, outcomes: new Map(), tokens: {}, duration, overhead }));
    }
    return place;
  }

  private outcomeOf({ provider, model, outcomes }: Place, surface: string, outcome: string): Count {
    let counts = outcomes.get(surface);
    if (!counts) outcomes.set(surface, (counts = new Map()));
    let count = counts.get(outcome);
    if (!count) counts.set(outcome, (count = this.calls.of(surface, provider, model, outcome)));
    return count;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Prometheus text. */
  render(): Promise<string> {
    return this.registry.metrics();
  }
}

/** The numbers of one model at one provider, found once and not for each call. */
interface Place {
  readonly provider: string;
  readonly model: string;
  /** By surface, then by how calls ended. */
  readonly outcomes: Map<string, Map<string, Count>>;
  readonly tokens: Partial<Record<Bucket, Count>>;
  readonly duration: Observations;
  readonly overhead: Observations;
  firstToken?: Observations;
  cost?: Count;
}
