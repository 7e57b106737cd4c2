import { afterAll, beforeAll } from '@jest/globals';
import type { ProviderConfig } from '../../../src/platform/config/provider-config.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import type { LedgerRow } from '../../support/gateway/ledger.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';
import { ScriptedUpstream, type Behaviour } from '../../support/upstream.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { Unreachable } from '../../support/upstream/unreachable.js';
import type { Client } from '../providers/clients.js';
import { CALL_HEADERS } from '../stage.js';
import { SHORT } from '../upstream-failures/deadlines.js';
import { FRAMES, WHOLE, type Play } from './faults.js';

/** One row of the table in one of its forms, asked by one client. */
export interface FaultCase<Told> {
  readonly name: string;
  readonly stream: boolean;
  readonly told: Told;
  readonly client: Client;
  /** Of its provider, which nothing else is asked, and of its model. */
  readonly id: string;
  readonly play: Play;
}

export interface Outcome {
  readonly requestId: string;
  readonly answer: RawAnswer;
  readonly row: LedgerRow;
  readonly tookMs: number;
  /** How often the failing provider was asked, as far as it could see that. */
  readonly asked: number;
  readonly fallbackAsked: number;
}

export const FALLBACK = 'fallback';
/** Of providers that are to answer: no machine is as slow. */
const AMPLE = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 20_000 };
/** Of providers that begin to answer and then are late: what is judged is the time after their first event. */
const ONCE_BEGUN = { ...AMPLE, idleMs: SHORT.idleMs, totalMs: 2 * SHORT.totalMs };

function timeoutsOf({ isLate, hasBegun }: Play): ProviderConfig['timeouts'] {
  if (!isLate) return AMPLE;
  return hasBegun ? ONCE_BEGUN : SHORT;
}

export function casesOf<Told>(
  rows: readonly (readonly [name: string, play: Play, told: Told])[],
  clients: readonly Client[],
): readonly FaultCase<Told>[] {
  const forms = rows.flatMap(([name, play, told]) =>
    [false, true].flatMap((stream) => ((stream ? play.stream : play.plain) ? [{ name, play, told, stream }] : [])),
  );
  return forms
    .flatMap((form) => clients.map((client) => ({ ...form, client })))
    .map((one, at) => ({ ...one, name: `${one.name} (${one.client.dialect}, ${one.stream ? 'stream' : 'plain'})`, id: `fault-${at}` }));
}

/**
 * A gateway with a provider of its own for every case, so that none fares worse for another's failures, and with a second one
 * behind each, or nobody. All calls are made at once before the first test: a failing provider is mostly waited for.
 */
export class FaultStage<Told> {
  private upstream!: ScriptedUpstream;
  private addresses!: Unreachable;
  private gateway!: TestGateway;
  private readonly outcomes = new Map<string, Promise<Outcome>>();

  private constructor(
    readonly cases: readonly FaultCase<Told>[],
    private readonly hasFallback: boolean,
  ) {}

  /** Called in a `describe`. */
  static set<Told>(cases: readonly FaultCase<Told>[], { hasFallback }: { readonly hasFallback: boolean }): FaultStage<Told> {
    const stage = new FaultStage(cases, hasFallback);
    beforeAll(() => stage.build(), 60_000);
    afterAll(() => stage.strike(), 60_000);
    return stage;
  }

  /** For `it.each`. */
  get rows(): readonly (readonly [name: string, one: FaultCase<Told>])[] {
    return this.cases.map((one) => [one.name, one]);
  }

  outcome({ id }: FaultCase<Told>): Promise<Outcome> {
    return this.outcomes.get(id)!;
  }

  private async build(): Promise<void> {
    this.upstream = await ScriptedUpstream.start();
    this.addresses = await Unreachable.open();
    const behaviours = new Map(this.cases.map(({ id, play, stream }) => [id, (stream ? play.stream : play.plain)!]));
    this.upstream.always((exchange) => (behaviours.get(exchange.attempt.path.split('/')[1]!) ?? good)(exchange));
    const providers = this.cases.map((one) => this.providerOf(one));
    if (this.hasFallback) {
      providers.push(scriptedProvider(`${this.upstream.origin}/${FALLBACK}/v1`, { ...LAST, models: ['fault-*'], timeouts: AMPLE }));
    }
    this.gateway = await startGateway({ providers, retry: { maxAttempts: this.hasFallback ? 2 : 1 } });
    for (const one of this.cases) {
      const outcome = this.call(one);
      outcome.catch(() => undefined);
      this.outcomes.set(one.id, outcome);
    }
  }

  private providerOf({ id, play }: FaultCase<Told>): ProviderConfig {
    const origin = play.at === undefined ? `${this.upstream.origin}/${id}` : this.addresses[play.at];
    return scriptedProvider(`${origin}/v1`, { name: id, models: [id], timeouts: timeoutsOf(play) });
  }

  private async call({ id, client, stream }: FaultCase<Told>): Promise<Outcome> {
    const requestId = `request-${id}`;
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const startMs = performance.now();
    const body = JSON.stringify(client.body(id, stream));
    const answer = await rawRequest(this.gateway.baseUrl, { method: 'POST', path: client.path, headers, body });
    const tookMs = performance.now() - startMs;
    const row = await this.gateway.ledger.row(requestId);
    return { requestId, answer, row, tookMs, asked: this.asked(id), fallbackAsked: this.askedFallback(id) };
  }

  private asked(id: string): number {
    return this.upstream.attempts.filter(({ path }) => path.startsWith(`/${id}/`)).length;
  }

  private askedFallback(id: string): number {
    const asked = this.upstream.attempts.filter(({ path, body }) => path.startsWith(`/${FALLBACK}/`) && body.length > 0);
    return asked.filter(({ json }) => json['model'] === id).length;
  }

  private async strike(): Promise<void> {
    await Promise.allSettled(this.outcomes.values());
    await this.gateway.stop();
    await this.addresses.close();
    await this.upstream.stop();
  }
}

const LAST = { name: FALLBACK, priority: 2 };

const good: Behaviour = (exchange) => (exchange.attempt.json['stream'] === true ? streams(FRAMES) : answers(WHOLE))(exchange);
