import { z } from 'zod';

/**
 * What the gateway checks of an Embeddings body before anybody is asked. It is strict about the fields it knows and lets
 * every other field through. Source: OpenAI's published OpenAPI document, `CreateEmbeddingRequest`.
 */

const MAX_INPUTS = 2048;
const text = z.string().min(1, 'must not be empty');
const token = z.int().min(0);
const tokens = z.array(token).min(1).max(MAX_INPUTS);

/** The four forms of `input`. */
const FORMS = {
  text,
  texts: z.array(text).min(1).max(MAX_INPUTS),
  tokens,
  tokenLists: z.array(tokens).min(1).max(MAX_INPUTS),
};
const anyForm = z.union(
  [FORMS.text, FORMS.texts, FORMS.tokens, FORMS.tokenLists],
  'expected a string, a list of strings or lists of tokens',
);

function bodyWith<T extends z.ZodType<EmbeddingsInput>>(input: T) {
  return z
    .looseObject({
      model: z.string().min(1),
      provider: z.union([z.string(), z.looseObject({})], 'expected the name of a provider').nullish(),
      clamp: z.boolean().nullish(),
      input,
      encoding_format: z.enum(['float', 'base64']).nullish(),
      dimensions: z.int().min(1).nullish(),
      user: z.string().nullish(),
    })
    .describe('An OpenAI Embeddings request. Fields that are not listed here go to the provider as they are.');
}

export type EmbeddingsInput = string | string[] | number[] | number[][];
export type EncodingFormat = 'float' | 'base64';

export interface EmbeddingsBody {
  readonly model: string;
  readonly provider?: unknown;
  readonly input: EmbeddingsInput;
  readonly encoding_format?: EncodingFormat | null;
  /** Length of each vector. */
  readonly dimensions?: number | null;
  readonly user?: string | null;
  readonly [unknown: string]: unknown;
}

const anyBody = bodyWith(anyForm);
const BODIES = {
  text: bodyWith(FORMS.text),
  texts: bodyWith(FORMS.texts),
  tokens: bodyWith(FORMS.tokens),
  tokenLists: bodyWith(FORMS.tokenLists),
};

/** The schema for a body, by the form in which its input begins: so an error names the entry at fault and not each form that it is not. */
export function schemaFor(body: unknown): z.ZodType<EmbeddingsBody> {
  const input = (body as { input?: unknown } | null | undefined)?.input;
  if (typeof input === 'string') return BODIES.text;
  if (!Array.isArray(input)) return anyBody;
  if (typeof input[0] === 'number') return BODIES.tokens;
  return Array.isArray(input[0]) ? BODIES.tokenLists : BODIES.texts;
}

/** The same as JSON Schema, for the OpenAPI document. */
export function embeddingsJsonSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(anyBody, { target: 'openapi-3.0', io: 'input' });
  return schema;
}
