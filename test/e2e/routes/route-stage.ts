import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { ModelAlias, ProviderConfig } from '../../../src/platform/config/provider-config.js';
import type { ConfigOverrides } from '../../support/config.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import type { LedgerRow } from '../../support/gateway/ledger.js';
import { RawClient, type RawAnswer } from '../../support/raw-client.js';
import { ScriptedUpstream, type Behaviour } from '../../support/upstream.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';

export interface RouteOptions<Name extends string> {
  /** Each has an upstream of its own and a rank by its place; `at` names another address than that. */
  readonly providers: Readonly<Record<Name, Partial<ProviderConfig> & { readonly at?: () => string }>>;
  readonly models?: readonly ModelAlias[];
  readonly config?: ConfigOverrides;
}

export interface Question {
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A call that was answered, and its row. */
export interface Answered {
  readonly requestId: string;
  readonly answer: RawAnswer;
  readonly row: LedgerRow;
}

/** A call under way. */
export interface Asking {
  readonly requestId: string;
  readonly client: RawClient;
}

/** The model that every provider has; an alias is asked by its own name. */
export const MODEL = 'some-model';
export const PLAIN = completion();
export const FRAMES = streamFrames({ text: ['Hel', 'lo'], usage: 'none' });

/** Answers whatever it is asked, in the form that was asked for. */
export const good: Behaviour = (exchange) => (exchange.attempt.json['stream'] === true ? streams(FRAMES) : answers(PLAIN))(exchange);

/** A name that leads to these providers, in this order unless a strategy says otherwise; each knows the model as `<provider>-model`. */
export function alias(name: string, providers: readonly string[], more: Partial<ModelAlias> = {}): ModelAlias {
  const targets = providers.map((provider) => ({ ...placeAt(provider), weight: 1 }));
  return { name, strategy: 'priority', targets, onContextOverflow: [], onContentPolicy: [], ...more };
}

export function placeAt(provider: string): { readonly provider: string; readonly model: string } {
  return { provider, model: `${provider}-model` };
}

/** Several providers, each at an upstream of its own, behind one gateway. */
export class RouteStage<Name extends string> {
  gateway!: TestGateway;
  readonly upstreams = new Map<Name, ScriptedUpstream>();
  private requests = 0;

  private constructor(private readonly options: RouteOptions<Name>) {}

  /** Called in a `describe`: builds before its tests, clears scripts and journals before each, and takes everything down after. */
  static set<Name extends string>(options: RouteOptions<Name>): RouteStage<Name> {
    const stage = new RouteStage(options);
    beforeAll(() => stage.build(), 30_000);
    beforeEach(() => stage.upstreams.forEach((upstream) => upstream.forget()));
    afterAll(() => stage.strike(), 30_000);
    return stage;
  }

  upstream(name: Name): ScriptedUpstream {
    return this.upstreams.get(name)!;
  }

  /** How often each provider was asked since the test began. */
  asked(): Record<string, number> {
    return Object.fromEntries([...this.upstreams].map(([name, { attempts }]) => [name, attempts.length]));
  }

  async begin(model: string, { stream = false, headers = {}, body = {} }: Question = {}, path = CHAT_PATH): Promise<Asking> {
    this.requests += 1;
    const requestId = `route-request-${this.requests}`;
    const client = await RawClient.send(this.gateway.baseUrl, {
      method: 'POST',
      path,
      headers: { ...CALL_HEADERS, 'x-request-id': requestId, ...headers },
      body: JSON.stringify({ model, messages: MESSAGES, stream, ...body }),
    });
    return { requestId, client };
  }

  async ask(model: string, question: Question = {}, path = CHAT_PATH): Promise<Answered> {
    const { requestId, client } = await this.begin(model, question, path);
    const answer = await client.answer;
    return { requestId, answer, row: await this.gateway.ledger.row(requestId) };
  }

  private async build(): Promise<void> {
    const providers: ProviderConfig[] = [];
    for (const [name, { at, ...changes }] of Object.entries(this.options.providers) as [Name, RouteOptions<Name>['providers'][Name]][]) {
      const upstream = await ScriptedUpstream.start();
      this.upstreams.set(name, upstream);
      const base = { name, models: [MODEL, `${name}-model`], priority: providers.length, dialects: ['openai-chat'] as const };
      providers.push(scriptedProvider(at?.() ?? upstream.baseUrl, { ...base, ...changes }));
    }
    this.gateway = await startGateway({ providers, models: this.options.models ?? [], ...this.options.config });
  }

  private async strike(): Promise<void> {
    await this.gateway.stop();
    for (const upstream of this.upstreams.values()) await upstream.stop();
  }
}
