import type { JsonBody, ModelRequest } from '../../core/call.js';
import { type Edit, refuseDuplicates, removals, splice, topLevelMembers } from '../../core/json-members.js';
import { isOurField, isStrict, type ParseTerms, type RelayChanges } from '../dialect.js';
import { toInvalidRequest } from '../wire-issue.js';
import { type EmbeddingsBody, schemaFor } from './embeddings.schema.js';

/**
 * Checks an Embeddings body and reads from it what the gateway must know.
 * Throws `invalid_request` naming the field.
 */
export function parseEmbeddings({ raw, text, parsed }: JsonBody, { headers }: ParseTerms = {}): ModelRequest {
  const checked = schemaFor(parsed).safeParse(parsed);
  if (!checked.success) throw toInvalidRequest(checked.error);
  const { model, provider, user } = checked.data;
  const members = topLevelMembers(text);
  refuseDuplicates(members);
  return {
    dialect: 'embeddings',
    raw,
    text,
    parsed,
    members,
    modelAsked: model,
    providerAsked: typeof provider === 'string' ? provider : undefined,
    hasProviderPreferences: typeof provider === 'object' && provider !== null,
    stream: false,
    wantsUsage: false,
    choices: 1,
    userId: user ?? undefined,
    headers: NO_HEADERS,
    strict: isStrict(headers),
  };
}

const NO_HEADERS = {};

/** The checked body of a request that `parseEmbeddings` made. */
export function bodyOf({ parsed }: Pick<ModelRequest, 'parsed'>): EmbeddingsBody {
  return parsed as EmbeddingsBody;
}

/** The body for the provider: the client's own bytes, with the model's name and our `provider` field spliced. */
export function toUpstreamBody(
  { raw, text, members }: ModelRequest,
  { model, keepProvider }: Pick<RelayChanges, 'model' | 'keepProvider'>,
): Buffer {
  const edits: Edit[] = removals(members, (key) => isOurField(key, { keepProvider }));
  const name = JSON.stringify(model);
  const { valueStart, valueEnd } = members.find((member) => member.key === 'model')!;
  if (text.slice(valueStart, valueEnd) !== name) edits.push({ start: valueStart, end: valueEnd, text: name });
  if (edits.length === 0) return raw;
  return Buffer.from(
    splice(
      text,
      edits.sort((a, b) => a.start - b.start),
    ),
  );
}

/** What a model reads of a body: its texts, and the number of the tokens that came ready-made. */
export function promptOf(request: Pick<ModelRequest, 'parsed'>): { texts: string[]; extraTokens: number } {
  const texts: string[] = [];
  let extraTokens = 0;
  for (const one of [bodyOf(request).input].flat()) {
    if (typeof one === 'string') texts.push(one);
    else extraTokens += typeof one === 'number' ? 1 : one.length;
  }
  return { texts, extraTokens };
}

/** The number of vectors that a body asks for: a single text or list of tokens is one. */
export function inputsOf({ input }: Pick<EmbeddingsBody, 'input'>): number {
  return typeof input === 'string' || typeof input[0] === 'number' ? 1 : input.length;
}
