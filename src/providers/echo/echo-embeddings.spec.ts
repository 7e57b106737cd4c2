import { describe, expect, it } from '@jest/globals';
import { type EmbeddingsBody, replyToEmbeddings, replyToOllamaEmbed } from './echo-embeddings.js';

interface Embeddings {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[];
  readonly usage: object;
}

const ask = (more: Partial<EmbeddingsBody>) => replyToEmbeddings({ model: 'echo', input: 'hello there', ...more }).body as Embeddings;
const vectorsOf = (more: Partial<EmbeddingsBody>) => ask(more).data.map(({ embedding }) => embedding as readonly number[]);

describe('the embeddings of the pretend model', () => {
  it('have length one, and depend on the text alone', () => {
    const [first] = vectorsOf({});

    expect(first).toHaveLength(8);
    expect(Math.hypot(...first!)).toBeCloseTo(1, 6);
    expect(vectorsOf({})).toEqual([first]);
    expect(vectorsOf({ input: 'hello elsewhere' })).not.toEqual([first]);
  });

  it('are one for each input, in order, with the words counted', () => {
    const reply = ask({ input: ['one', 'two words'] });

    expect(reply.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(reply.data[0]?.embedding).toEqual(vectorsOf({ input: 'one' })[0]);
    expect(reply.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  it('take tokens for a text: a list of numbers is one input, a list of lists is several', () => {
    expect(ask({ input: [1, 2, 3] })).toMatchObject({ data: [{ index: 0 }], usage: { prompt_tokens: 3 } });
    expect(ask({ input: [[1, 2], [3]] }).data).toHaveLength(2);
  });

  it('have as many numbers as are asked for, to a point', () => {
    const [vector] = vectorsOf({ dimensions: 1_536 });

    expect(vector).toHaveLength(1_536);
    expect(Math.hypot(...vector!)).toBeCloseTo(1, 5);
    expect(replyToEmbeddings({ model: 'echo', input: 'x', dimensions: 1e9 })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', param: 'dimensions' } },
    });
  });

  it('are the same numbers in base64', () => {
    const packed = Buffer.from(ask({ encoding_format: 'base64' }).data[0]!.embedding as string, 'base64');

    const numbers = Array.from({ length: packed.length / 4 }, (_, at) => packed.readFloatLE(at * 4));
    expect(numbers).toEqual(vectorsOf({ encoding_format: 'float' })[0]);
  });

  it('are the same in the words of Ollama', () => {
    const { body } = replyToOllamaEmbed({ model: 'echo', input: ['one', 'two words'] });

    expect(body).toEqual({ model: 'echo', embeddings: vectorsOf({ input: ['one', 'two words'] }), prompt_eval_count: 3 });
    expect(replyToOllamaEmbed({ model: 'echo', input: 'x', dimensions: 5_000 })).toMatchObject({
      status: 400,
      body: { error: expect.any(String) },
    });
  });
});
