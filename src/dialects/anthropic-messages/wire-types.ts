/** Messages as they stand on the wire, as far as the gateway reads or writes them. */

export interface CacheControl {
  readonly type: string;
  readonly ttl?: string | null;
}

interface Cacheable {
  readonly cache_control?: CacheControl | null;
}

export type WireSource =
  | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly file_id: string };

export type WireDocumentSource =
  | WireSource
  | { readonly type: 'text'; readonly media_type?: string; readonly data: string }
  | { readonly type: 'content'; readonly content: string | readonly { readonly type: string; readonly text?: unknown }[] };

export interface WireText extends Cacheable {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly unknown[] | null;
}

export interface WireImage extends Cacheable {
  readonly type: 'image';
  readonly source: WireSource;
}

export interface WireDocument extends Cacheable {
  readonly type: 'document';
  readonly source: WireDocumentSource;
  readonly title?: string | null;
  readonly context?: string | null;
  readonly citations?: { readonly enabled?: boolean | null } | null;
}

export interface WireToolResult extends Cacheable {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly WireBlock[] | null;
  readonly is_error?: boolean | null;
}

interface WireToolUse extends Cacheable {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface WireThinking {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

export interface WireRedactedThinking {
  readonly type: 'redacted_thinking';
  readonly data: string;
}

export type WireBlock = WireText | WireImage | WireDocument | WireToolResult | WireToolUse | WireThinking | WireRedactedThinking;

export interface WireMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string | readonly WireBlock[];
}

export interface WireTool extends Cacheable {
  readonly type?: string | null;
  readonly name: string;
  readonly description?: string | null;
  readonly input_schema: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | null;
}

export interface WireToolChoice {
  readonly type: string;
  readonly name?: string | null;
  readonly disable_parallel_tool_use?: boolean | null;
}

export interface WireRequest extends Cacheable {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly WireMessage[];
  readonly system?: string | readonly WireText[] | null;
  readonly stream?: boolean | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly stop_sequences?: readonly string[] | null;
  readonly tools?: readonly WireTool[] | null;
  readonly tool_choice?: WireToolChoice | null;
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number | null; readonly display?: string | null } | null;
  readonly output_config?: { readonly effort?: string | null; readonly format?: WireFormat | null } | null;
  readonly metadata?: { readonly user_id?: string | null } | null;
  readonly service_tier?: string | null;
}

export interface WireFormat {
  readonly type: string;
  readonly schema?: Readonly<Record<string, unknown>> | null;
}
