import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { EMBEDDINGS } from './embeddings.dialect.js';

function bearing(body: Record<string, unknown>) {
  const text = JSON.stringify({ model: 'm', input: 'hi', ...body });
  return EMBEDDINGS.bearing(EMBEDDINGS.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }));
}

const OPENAI_FIELDS: Record<keyof OpenAI.EmbeddingCreateParams, unknown> = {
  input: ['a', 'b'],
  model: 'm',
  dimensions: 9,
  encoding_format: 'base64',
  user: 'u',
};

describe('what bears on the price of embeddings', () => {
  it('is what goes in, and nothing that comes out', () => {
    expect(bearing(OPENAI_FIELDS)).toMatchObject({
      generates: false,
      limit: undefined,
      concerns: [],
      messages: 2,
      prompt: { texts: ['a', 'b'] },
    });
    expect(bearing({ input: [[1, 2], [3]] }).prompt).toMatchObject({ texts: [], opaqueBytes: 3 });
  });

  it('cannot be told for preferences among hosts, nor for what nobody has heard of', () => {
    expect(bearing({ provider: { order: ['a'] }, brand_new: 1 }).concerns.map(({ field }) => field)).toEqual(['provider', 'brand_new']);
  });
});
