import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { CallRecord } from '../../core/call.js';
import { BUCKETS } from '../../core/usage.js';
import { CounterSeries, HistogramSeries } from './series.js';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const SMALL_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const NANO = 1e9;

/** What settled calls add up to. Labels come from closed sets: no key, no user, and a made-up model name is `other`. */
@Injectable()
export class CallMetrics {
  private readonly registry = new Registry();
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
    for (const metric of [this.calls, this.duration, this.firstToken, this.overhead, this.tokens, this.cost]) {
      this.registry.registerMetric(metric as unknown as Metric);
    }
  }

  /** How a call went. */
  countCall(record: CallRecord): void {
    const provider = record.provider ?? 'none';
    const model = record.metricModel;
    this.calls.add(1, record.call.request.dialect, provider, model, record.errorKind ?? record.ending);
    this.duration.observe(record.durationMs / 1000, provider, model);
    if (record.firstTokenMs === undefined) return;
    if (record.call.request.stream) this.firstToken.observe(record.firstTokenMs / 1000, provider, model);
    this.overhead.observe(record.overheadUs / 1e6, provider);
  }

  /** What a call used and cost. */
  countCost(record: CallRecord): void {
    const provider = record.provider ?? 'none';
    for (const bucket of BUCKETS) {
      if (record.usage[bucket] > 0) this.tokens.add(record.usage[bucket], provider, record.metricModel, bucket);
    }
    if (record.costNanoUsd > 0n) this.cost.add(Number(record.costNanoUsd) / NANO, provider, record.metricModel);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Prometheus text. */
  render(): Promise<string> {
    return this.registry.metrics();
  }
}
