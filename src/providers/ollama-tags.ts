import type { Pool } from 'undici';
import { z } from 'zod';

/** A server that has not said by then which models it has is asked again later. */
const PATIENCE_MS = 10_000;

const tags = z.looseObject({ models: z.array(z.looseObject({ name: z.string().min(1) })) });

export interface TagsRequest {
  readonly path: string;
  /** Flat, as undici takes them. */
  readonly headers: readonly string[];
}

/** The models that a server of Ollama has, in its order. Throws whatever goes wrong. */
export async function fetchTags(pool: Pool, { path, headers }: TagsRequest, stop: AbortSignal): Promise<readonly string[]> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
  const { statusCode, body } = await pool.request({ path, method: 'GET', headers: headers as string[], signal });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode} instead of a list of models`);
  return parseTags(text).flatMap(namesOf);
}

function parseTags(text: string): readonly string[] {
  try {
    return tags.parse(JSON.parse(text)).models.map(({ name }) => name);
  } catch {
    throw new Error('an answer that is no list of models');
  }
}

const LATEST = ':latest';

/** A name without a tag means the latest, and that is how most people write it. */
function namesOf(name: string): string[] {
  return name.endsWith(LATEST) ? [name.slice(0, -LATEST.length), name] : [name];
}
