import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import OpenAI from 'openai';
import type { ProviderConfig } from '../../src/platform/config/provider-config.js';
import type { ConfigOverrides } from '../support/config.js';
import { CLIENT_KEY, scriptedProvider, startGateway, type TestGateway } from '../support/gateway.js';
import { rawRequest, type RawAnswer, type RawRequest } from '../support/raw-client.js';
import { KIND_PRICES, kindProviders, TAGS_PATH } from '../support/gateway/kinds.js';
import { ScriptedUpstream } from '../support/upstream.js';
import { answers } from '../support/upstream/behaviours.js';

export const MODEL = 'scripted-model';
export const MESSAGES = [{ role: 'user' as const, content: 'Say hello.' }];
export const CHAT_PATH = '/v1/chat/completions';
/** Of an ordinary call with a key and a JSON body. */
export const CALL_HEADERS = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };

export interface StageOptions {
  readonly config?: ConfigOverrides;
  readonly provider?: Partial<ProviderConfig>;
}

type Providers = (origin: string, changes?: Partial<ProviderConfig>) => readonly ProviderConfig[];

const ONE_PROVIDER: Providers = (origin, changes) => [scriptedProvider(`${origin}/v1`, changes)];

/** What most suites stand on: one scripted provider behind one gateway, and OpenAI's own client in front. */
export class Stage {
  upstream!: ScriptedUpstream;
  gateway!: TestGateway;
  openai!: OpenAI;
  private requests = 0;

  /** Called in a `describe`: sets the stage before its tests, clears script and journal before each, and strikes it after. */
  static set(options: StageOptions = {}): Stage {
    return Stage.setWith(ONE_PROVIDER, options);
  }

  /**
   * The same with a provider of every kind (`KINDS`), all at one upstream, each with a model of its own (`modelOf(kind)`) and a
   * price. Scripts for them are in `test/support/upstream/dialects.ts`; `provider` changes all that are scripted.
   */
  static setEveryKind(options: StageOptions = {}): Stage {
    return Stage.setWith(kindProviders, { ...options, config: { prices: KIND_PRICES, ...options.config } });
  }

  private static setWith(providers: Providers, options: StageOptions): Stage {
    const stage = new Stage();
    beforeAll(() => stage.build(providers, options), 30_000);
    beforeEach(() => stage.upstream.forget());
    afterAll(() => stage.strike(), 30_000);
    return stage;
  }

  /** A client with its own key; it never tries twice by itself. */
  client(
    apiKey: string = CLIENT_KEY,
    options: { readonly defaultHeaders?: Record<string, string>; readonly timeout?: number } = {},
  ): OpenAI {
    return new OpenAI({ baseURL: `${this.gateway.baseUrl}/v1`, apiKey, maxRetries: 0, ...options });
  }

  /** A label by which a test finds its request again, in the log and in the ledger. */
  requestId(): string {
    this.requests += 1;
    return `test-request-${this.requests}`;
  }

  raw(request: RawRequest): Promise<RawAnswer> {
    return rawRequest(this.gateway.baseUrl, request);
  }

  /** A model call over a bare socket. */
  call(body: object | string | Buffer, headers: Record<string, string> = {}, path = CHAT_PATH): Promise<RawAnswer> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.raw({ method: 'POST', path, headers: { ...CALL_HEADERS, ...headers }, body: bytes });
  }

  private async build(providers: Providers, { config, provider }: StageOptions): Promise<void> {
    this.upstream = await ScriptedUpstream.start();
    this.upstream.aside(TAGS_PATH, answers({ models: [] }));
    this.gateway = await startGateway({ providers: providers(this.upstream.origin, provider), ...config });
    this.openai = this.client();
  }

  private async strike(): Promise<void> {
    await this.gateway.stop();
    await this.upstream.stop();
  }
}
