import type { Pool } from 'undici';
import type { DialectName } from '../core/call.js';
import type { Feature } from '../core/features.js';
import type { Provider, UpstreamHandler, UpstreamRequest } from '../core/provider.js';
import { openUpstream, type ProviderConfig } from '../platform/index.js';
import type { ProviderDeclaration } from './declarations.js';

/** Without a limit of its own a provider gets this many sockets; more calls than that wait for one. */
const DEFAULT_CONNECTIONS = 1024;

/** A provider over HTTP: adds the account to a finished body and hands it to the connection pool. */
export class HttpProvider implements Provider {
  readonly name: string;
  readonly type: ProviderConfig['type'];
  readonly dialects: readonly DialectName[];
  readonly timeouts: ProviderConfig['timeouts'];
  readonly priority: number;
  readonly models: readonly string[] | undefined;
  readonly streamOptions: boolean;
  readonly hasProviderField: boolean;
  readonly maxTokensField: Provider['maxTokensField'];
  private readonly pool: Pool;
  private readonly basePath: string;
  /** One finished set of headers per key and kind of answer; private to the language, so that no log can print a key. */
  readonly #headers: readonly { readonly plain: readonly string[]; readonly stream: readonly string[] }[];
  readonly #keys: readonly string[];
  private turn = 0;

  constructor(
    config: ProviderConfig,
    private readonly declaration: ProviderDeclaration,
  ) {
    this.name = config.name;
    this.type = config.type;
    this.dialects = config.dialects;
    this.timeouts = config.timeouts;
    this.priority = config.priority;
    this.models = config.models;
    this.streamOptions = config.streamOptions;
    this.hasProviderField = declaration.hasProviderField;
    this.maxTokensField = declaration.maxTokensField;
    this.basePath = new URL(config.baseUrl).pathname.replace(/\/$/, '');
    this.pool = openUpstream(config.baseUrl, {
      connectMs: config.timeouts.connectMs,
      connections: config.maxConcurrency || DEFAULT_CONNECTIONS,
    });
    this.#keys = config.apiKeys.map((key) => key.reveal());
    const accounts = this.#keys.length > 0 ? this.#keys.map((key) => declaration.auth(key)) : [{}];
    this.#headers = accounts.map((auth) => {
      const headers = {
        ...declaration.headers,
        ...config.headers,
        ...auth,
        'content-type': 'application/json',
        'accept-encoding': 'identity',
      };
      return { plain: flat({ ...headers, accept: 'application/json' }), stream: flat({ ...headers, accept: 'text/event-stream' }) };
    });
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): void {
    const account = this.#headers[this.turn++ % this.#headers.length]!;
    this.pool.dispatch(
      {
        path: this.basePath + this.declaration.paths[request.endpoint],
        method: 'POST',
        headers: (request.stream ? account.stream : account.plain) as string[],
        body: request.body,
      },
      handler,
    );
  }

  defaultMaxTokens(model: string): number {
    return this.declaration.defaultMaxTokens(model);
  }

  lacks(model: string): ReadonlySet<Feature> {
    return this.declaration.lacks(model);
  }

  conceal(text: string): string {
    return this.#keys.reduce((concealed, key) => concealed.replaceAll(key, '***'), text);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

function flat(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flat();
}
