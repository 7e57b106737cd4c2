/** What a model sees or hears: it becomes tokens by its provider's own rules, not by its bytes. */
export type Media =
  | { readonly kind: 'image'; /** How closely to look, as the request says it. */ readonly detail: string | undefined }
  | { readonly kind: 'audio'; readonly format: string; /** Bare base64. */ readonly data: string }
  /** Pages, whose text may be compressed, or a file that only its provider knows. */
  | { readonly kind: 'document' };

/** A field because of which a call may cost more than its tokens at the known price. */
export interface Concern {
  readonly field: string;
  /** It is a part of this `type` in it. */
  readonly part?: string;
  /** Why, as the middle of a sentence; undefined = nobody here knows what the field does. */
  readonly reason: string | undefined;
  /** It goes to providers of other dialects, too, and not just to those that are sent the client's own body. */
  readonly isCarried: boolean;
}

/** What a model reads of a request. */
export interface PromptReading {
  /** Each text that it may read: contents, names, ids, descriptions of tools. */
  readonly texts: readonly string[];
  /** Length of what only its provider can read, such as encrypted thoughts. */
  readonly opaqueBytes: number;
  readonly media: readonly Media[];
  /** Characters of the body that are media, or the addresses of media. */
  readonly mediaChars: number;
  /** The request marks something for the prompt cache: the longest time it asks for. */
  readonly cache: '5m' | '1h' | undefined;
}

/** All of a request that its price can depend on. */
export interface PriceBearing {
  readonly prompt: PromptReading;
  /** `false`: what is asked for is not generated, such as an embedding. */
  readonly generates: boolean;
  /** The caller's own limit on each answer, in tokens. */
  readonly limit: number | undefined;
  /** `clamp: true`: rather a shorter answer than none. */
  readonly mayClamp: boolean;
  /** An answer shorter than this, in tokens, is refused by the provider or of no use. */
  readonly leastAnswer: number;
  /** How many answers are generated, shown or not. */
  readonly answers: number;
  /** A predicted answer: what of it turns out wrong is billed as output. Its length in bytes. */
  readonly predictedBytes: number;
  /** The answer may be sound. */
  readonly speaks: boolean;
  readonly messages: number;
  readonly tools: number;
  /** The answer must fit a schema, which the model is told in words. */
  readonly hasSchema: boolean;
  /** Tokens of descriptions that the provider adds for tools of its own making. */
  readonly builtInToolTokens: number;
  /** The field that stands for something kept at the provider, as long as the context window at most. */
  readonly keptPrompt: string | undefined;
  readonly concerns: readonly Concern[];
}

/** What every provider accepts as the limit of an answer, and still enough for a word or two: OpenAI's Responses refuse less. */
export const LEAST_ANSWER = 16;
