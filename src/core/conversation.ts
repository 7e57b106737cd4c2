import type { FeatureUse } from './features.js';

/**
 * A chat request in no dialect's words: what each of them can say. A decoder reads it from one dialect, an encoder writes it
 * in another. It is in one normal form: equal requests are equal objects, absent is `undefined`, and a run of tool results is
 * one `tool` message.
 */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  /** Undefined = the model decides. */
  readonly toolChoice: ToolChoice | undefined;
  /** Undefined = as the provider likes. */
  readonly parallelTools: boolean | undefined;
  readonly output: OutputFormat | undefined;
  readonly reasoning: ReasoningWish | undefined;
  readonly settings: Settings;
  /** What the request uses beyond plain text; what of it a dialect cannot carry is decided by the capability table alone. */
  readonly uses: FeatureUse;
}

export type Message =
  | { readonly role: 'system' | 'developer'; readonly parts: readonly TextPart[]; readonly name?: string }
  | { readonly role: 'user'; readonly parts: readonly UserPart[]; readonly name?: string }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[]; readonly name?: string }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export type UserPart = TextPart | ImagePart | DocumentPart | AudioPart;
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCall;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
  readonly cache?: CacheMark;
}

/** From here back the prompt may be read from the provider's cache. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h';
}

/** Bytes in the body (`data` is bare base64), an address, or the id of a file at the provider. */
export type Source =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly id: string };

export interface ImagePart {
  readonly kind: 'image';
  readonly source: Source;
  readonly detail?: string;
  readonly cache?: CacheMark;
}

export interface DocumentPart {
  readonly kind: 'document';
  readonly source: Source | { readonly kind: 'text'; readonly text: string };
  /** A file name or title. */
  readonly title?: string;
  readonly context?: string;
  readonly citations?: boolean;
  readonly cache?: CacheMark;
}

/** `data` is bare base64, `format` such as `wav` or `mp3`. */
export interface AudioPart {
  readonly kind: 'audio';
  readonly format: string;
  readonly data: string;
}

export interface RefusalPart {
  readonly kind: 'refusal';
  readonly text: string;
}

/** What a model thought. Without text it is known only to the provider that encrypted it. */
export interface ReasoningPart {
  readonly kind: 'reasoning';
  readonly text: string;
  readonly proof?: ReasoningProof;
}

/**
 * What makes a thought valid when it is sent back: a signature or the encrypted thought itself. It means something only to
 * the maker; every other dialect carries it unopened where it has a place for it.
 */
export interface ReasoningProof {
  readonly maker: 'anthropic' | 'openai';
  /** `signature` of a thought whose text is known; `redacted`: the value is all there is. */
  readonly kind: 'signature' | 'redacted';
  readonly value: string;
  /** OpenAI's id of the reasoning item. */
  readonly id?: string;
}

export interface ToolCall {
  readonly kind: 'tool_call';
  readonly id: string;
  readonly name: string;
  /** JSON text, never empty; for a custom tool free text. */
  readonly arguments: string;
  readonly isCustom?: boolean;
  readonly cache?: CacheMark;
}

export interface ToolResult {
  readonly callId: string;
  readonly parts: readonly UserPart[];
  readonly isError?: boolean;
  readonly isCustom?: boolean;
  readonly cache?: CacheMark;
}

/** A tool of the caller. Hosted tools and unknown types are only noted in `uses`. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; undefined for a custom tool, or for a function that takes none. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  readonly isCustom?: boolean;
  /** A custom tool's grammar. */
  readonly format?: unknown;
  readonly cache?: CacheMark;
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'named'; readonly name: string; readonly isCustom?: boolean }
  | { readonly kind: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };

export type OutputFormat =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema';
      readonly name?: string;
      readonly description?: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean;
    };

/** `off` forbids reasoning. With neither effort nor budget it is allowed, and the model decides how much. */
export interface ReasoningWish {
  readonly off?: boolean;
  /** `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly effort?: string;
  readonly budgetTokens?: number;
  /** OpenAI's `auto`, `concise`, `detailed`; Anthropic's `display`. */
  readonly summary?: string;
}

export interface Settings {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly seed?: number;
  /** Never empty where it is given. */
  readonly stop?: readonly string[];
  /** Absent = 1. */
  readonly choices?: number;
  /** Number of alternatives per token, 0 = only the token's own; absent = no probabilities. */
  readonly logprobs?: number;
  readonly verbosity?: string;
  readonly serviceTier?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly endUser?: string;
  readonly promptCacheKey?: string;
  readonly store?: boolean;
}
