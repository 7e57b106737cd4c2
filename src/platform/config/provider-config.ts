import type { DialectName } from '../../core/call.js';
import type { ProviderType, RouteTimeouts, Timeouts } from '../../core/provider.js';
import type { Secret } from './secret.js';

/** One account at a model provider, with every default filled in. */
export interface ProviderConfig {
  readonly name: string;
  readonly type: ProviderType;
  /** Without a trailing slash; empty for `echo`. Carries no credentials. */
  readonly baseUrl: string;
  /** Used in turn. Empty for `echo`, and for servers that want none. */
  readonly apiKeys: readonly Secret[];
  /** Exact names, or patterns with `*`; undefined = any name goes through. */
  readonly models: readonly string[] | undefined;
  readonly enabled: boolean;
  /** Lower is tried first. */
  readonly priority: number;
  /** Share of the calls among providers of one priority. */
  readonly weight: number;
  /** The first is what it is spoken to in when it does not speak the client's own. */
  readonly dialects: readonly DialectName[];
  readonly timeouts: Timeouts;
  /** Calls at the same time; 0 = no limit. */
  readonly maxConcurrency: number;
  /** Sent with every request; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Request fields that the gateway does not know may go through even under a budget. */
  readonly trustUnknown: boolean;
  /** Understands `stream_options`, so it can be asked for a usage report in a stream. */
  readonly streamOptions: boolean;
  /** The field in which its Chat Completions take a limit on the answer; undefined = as its type does. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens' | undefined;
}

export interface ModelPlace {
  readonly provider: string;
  readonly model: string;
}

export interface ModelTarget extends ModelPlace {
  readonly weight: number;
}

export const STRATEGIES = ['priority', 'weighted', 'latency', 'cost'] as const;

/** A name that clients use, and where it leads. */
export interface ModelAlias {
  readonly name: string;
  readonly strategy: (typeof STRATEGIES)[number];
  readonly targets: readonly ModelTarget[];
  /** For prompts that a target finds too long, in order. */
  readonly onContextOverflow: readonly ModelPlace[];
  /** For prompts that a provider refuses for their content, in order. */
  readonly onContentPolicy: readonly ModelPlace[];
  /** In milliseconds; a deadline that is not named is the provider's. */
  readonly timeouts?: RouteTimeouts | undefined;
}
