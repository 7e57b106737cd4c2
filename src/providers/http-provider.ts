import type { Pool } from 'undici';
import type { DialectName } from '../core/call.js';
import { accountFingerprint } from '../core/account-fingerprint.js';
import type { Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { Feature } from '../core/features.js';
import type { Endpoint, Provider, UpstreamHandler, UpstreamRequest } from '../core/provider.js';
import { type Demand, openUpstream, type ProviderConfig } from '../platform/index.js';
import { Accounts } from './accounts.js';
import type { ProviderDeclaration } from './declarations.js';
import { type DiscoveryReport, ModelDiscovery } from './model-discovery.js';
import { fetchTags } from './ollama-tags.js';
import { probeOver, type ProbeRequest } from './probe.js';
import { type RequestHeaders, toRequestHeaders, withClientHeaders } from './request-headers.js';
import { UpstreamAnswer } from './upstream-answer.js';

/** Without a limit of its own a provider gets this many sockets; more calls than that wait for one. */
const DEFAULT_CONNECTIONS = 1024;
/** Besides those of its calls: for what is asked on the gateway's own account, however busy the provider is. */
const SPARE_CONNECTIONS = 2;
const DISCOVERY_MS = 60_000;

/** Where one endpoint is, and how each account asks there. */
interface Route {
  readonly path: string;
  readonly accounts: readonly RequestHeaders[];
}

/** A provider over HTTP: adds the account to a finished body and hands it to the connection pool. */
export class HttpProvider implements Provider {
  readonly name: string;
  readonly type: ProviderConfig['type'];
  readonly dialects: readonly DialectName[];
  readonly endpoints: ReadonlySet<Endpoint>;
  readonly timeouts: ProviderConfig['timeouts'];
  readonly priority: number;
  readonly weight: number;
  readonly models: readonly string[] | undefined;
  readonly streamOptions: boolean;
  readonly trustsUnknownFields: boolean;
  readonly hasProviderField: boolean;
  readonly maxTokensField: Provider['maxTokensField'];
  private readonly pool: Pool;
  private readonly demand: Demand = { waiting: 0 };
  /** Those with keys in them are private to the language, so that no log can print one. */
  readonly #routes: ReadonlyMap<Endpoint, Route>;
  readonly #keys: readonly string[];
  private readonly accounts: Accounts;
  readonly #discovery: ModelDiscovery | undefined;
  readonly #probe: ProbeRequest;

  constructor(
    config: ProviderConfig,
    private readonly declaration: ProviderDeclaration,
    clock: Clock,
  ) {
    this.name = config.name;
    this.type = config.type;
    this.dialects = config.dialects;
    this.timeouts = config.timeouts;
    this.priority = config.priority;
    this.weight = config.weight;
    this.models = config.models;
    this.streamOptions = config.streamOptions;
    this.trustsUnknownFields = config.trustUnknown;
    this.hasProviderField = declaration.hasProviderField;
    this.maxTokensField = config.maxTokensField ?? declaration.maxTokensField;
    this.pool = openUpstream(config.baseUrl, {
      connectMs: config.timeouts.connectMs,
      connections: (config.maxConcurrency || DEFAULT_CONNECTIONS) + SPARE_CONNECTIONS,
      demand: this.demand,
    });
    this.#keys = config.apiKeys.map((key) => key.reveal());
    this.accounts = new Accounts(this.#keys.length > 0 ? this.#keys.map((key) => accountFingerprint(key)) : [accountFingerprint()], clock);
    const basePath = toBasePath(config.baseUrl, declaration);
    const headers = toAccountHeaders(this.#keys, declaration, config.headers);
    this.#routes = toRoutes(basePath, declaration, headers);
    this.endpoints = new Set(this.#routes.keys());
    this.#discovery = this.toDiscovery(basePath, Object.entries(headers[0]!).flat());
    this.#probe = toProbe(basePath, declaration, headers);
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): string {
    const { endpoint, stream, body } = request;
    const route = this.#routes.get(endpoint);
    if (!route) throw new GatewayError('unsupported_parameter', 'The provider of this model has no such API. Ask another model.', NO_API);
    const index = request.account === undefined ? this.accounts.next(request.model) : this.accounts.indexOf(request.account);
    const account = route.accounts[index]!;
    const headers = withClientHeaders(stream ? account.stream : account.plain, endpoint, request.headers);
    this.pool.dispatch({ path: route.path, method: 'POST', headers: headers as string[], body }, new UpstreamAnswer(handler, this.demand));
    return this.accounts.fingerprint(index);
  }

  rest(account: string, model: string, failure: GatewayError): void {
    this.accounts.rest(account, model, failure);
  }

  awake(model: string): number {
    return this.accounts.awake(model);
  }

  defaultMaxTokens(model: string): number {
    return this.declaration.defaultMaxTokens(model);
  }

  lacks(model: string): ReadonlySet<Feature> {
    return this.declaration.lacks(model);
  }

  discovered(): readonly string[] {
    return this.#discovery?.models ?? NO_MODELS;
  }

  /** Begins to ask which models it has, if it is one to be asked. */
  discover(report: DiscoveryReport): void {
    this.#discovery?.start(report);
  }

  stopDiscovering(): void {
    this.#discovery?.stop();
  }

  probe(stop: AbortSignal): Promise<void> {
    return this.aside(() => probeOver(this.pool, this.#probe, stop));
  }

  conceal(text: string): string {
    return this.#keys.reduce((concealed, key) => concealed.replaceAll(key, '***'), text);
  }

  async close(): Promise<void> {
    this.stopDiscovering();
    await this.pool.close();
  }

  /** What is asked on the gateway's own account. */
  private async aside<T>(ask: () => Promise<T>): Promise<T> {
    this.demand.waiting++;
    try {
      return await ask();
    } finally {
      this.demand.waiting--;
    }
  }

  private toDiscovery(basePath: string, headers: readonly string[]): ModelDiscovery | undefined {
    const { modelsPath } = this.declaration;
    if (modelsPath === undefined) return undefined;
    const request = { path: basePath + modelsPath, headers };
    return new ModelDiscovery({ fetchModels: (stop) => this.aside(() => fetchTags(this.pool, request, stop)), everyMs: DISCOVERY_MS });
  }
}

const NO_API = { param: 'model' };
const NO_MODELS: readonly string[] = [];

function toBasePath(baseUrl: string, { hasVersionedPaths }: ProviderDeclaration): string {
  const path = new URL(baseUrl).pathname.replace(/\/$/, '');
  return hasVersionedPaths ? path.replace(/\/v1$/, '') : path;
}

/** The headers of each key; those of a server that wants none, where there is none. */
function toAccountHeaders(keys: readonly string[], declaration: ProviderDeclaration, headers: ProviderConfig['headers']) {
  const credentials = keys.length > 0 ? keys.map((key) => declaration.auth(key)) : [{}];
  return credentials.map((auth) => ({ ...declaration.headers, ...headers, ...auth }));
}

function toRoutes(
  basePath: string,
  { paths }: ProviderDeclaration,
  accounts: readonly Readonly<Record<string, string>>[],
): ReadonlyMap<Endpoint, Route> {
  const entries = Object.entries(paths) as [Endpoint, string][];
  return new Map(
    entries.map(([endpoint, path]) => [
      endpoint,
      { path: basePath + path, accounts: accounts.map((account) => toRequestHeaders(endpoint, account)) },
    ]),
  );
}

function toProbe(basePath: string, { probe }: ProviderDeclaration, accounts: readonly Readonly<Record<string, string>>[]): ProbeRequest {
  return { path: basePath + probe.path, accounts: accounts.map((account) => Object.entries({ ...probe.headers, ...account }).flat()) };
}
