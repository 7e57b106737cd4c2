/**
 * The bodies of Ollama's `POST /api/chat`, as far as the gateway reads and writes them.
 * Source: ollama/ollama, `api/types.go` and `docs/api.md`.
 */
export interface OllamaChatRequest {
  readonly model: string;
  readonly messages?: readonly OllamaMessage[];
  readonly tools?: readonly OllamaTool[];
  /** `json`, or a JSON Schema. */
  readonly format?: unknown;
  readonly options?: OllamaOptions;
  /** Absent = true. */
  readonly stream?: boolean;
  /** Absent = as the model likes. */
  readonly think?: boolean | string;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
}

export interface OllamaMessage {
  readonly role: string;
  readonly content?: string;
  readonly thinking?: string;
  /** Bare base64. */
  readonly images?: readonly string[];
  readonly tool_calls?: readonly OllamaToolCall[];
  readonly tool_name?: string;
  readonly tool_call_id?: string;
}

export interface OllamaToolCall {
  readonly id?: string;
  readonly function: { readonly index?: number; readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> };
}

export interface OllamaTool {
  readonly type: string;
  readonly function: { readonly name: string; readonly description?: string; readonly parameters?: Readonly<Record<string, unknown>> };
}

/** Those that have a counterpart in other dialects. */
export interface OllamaOptions {
  readonly num_predict?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}
