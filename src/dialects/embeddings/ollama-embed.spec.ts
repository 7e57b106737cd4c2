import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GatewayError } from '../../core/errors.js';
import { NO_USAGE } from '../../core/usage.js';
import { parseEmbeddings } from './embeddings.request.js';
import { OllamaEmbedReader, toOllamaEmbed } from './ollama-embed.js';

const ask = (body: object, headers = {}) => {
  const text = JSON.stringify({ model: 'alias', ...body });
  return parseEmbeddings({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { headers });
};
const STRICT = { 'x-tollgate-strict': 'true' };

function failure(act: () => unknown): { kind: string; message: string; param: string | undefined } {
  try {
    act();
  } catch (error) {
    const { kind, message, details } = error as GatewayError;
    return { kind, message, param: details.param };
  }
  throw new Error('was accepted');
}

describe('toOllamaEmbed', () => {
  const said = (body: object, headers = {}) => {
    const { body: bytes, dropped } = toOllamaEmbed(ask(body, headers), 'nomic');
    return { body: JSON.parse(bytes.toString()) as unknown, dropped };
  };

  it('says the input, and that nothing of it may be cut', () => {
    expect(said({ input: 'é' })).toEqual({ body: { model: 'nomic', input: 'é', truncate: false }, dropped: [] });
    expect(said({ input: ['a', 'b'], dimensions: 3, encoding_format: 'base64' }, STRICT)).toEqual({
      body: { model: 'nomic', input: ['a', 'b'], truncate: false, dimensions: 3 },
      dropped: [],
    });
  });

  it('names the hints that it leaves out; a pinned provider and null are none', () => {
    const hints = { user: 'u', provider: { order: [] }, brand_new: 1 };

    expect(said({ input: 'a', ...hints }).dropped).toEqual(['user', 'provider', 'brand_new']);
    expect(said({ input: 'a', user: null, dimensions: null, provider: 'home' }, STRICT)).toEqual({
      body: { model: 'nomic', input: 'a', truncate: false },
      dropped: [],
    });
  });

  it('refuses a hint where the client is strict', () => {
    expect(failure(() => said({ input: 'a', user: 'u' }, STRICT))).toMatchObject({ kind: 'unsupported_parameter', param: 'user' });
  });

  it.each([[[1, 2]], [[[1], [2]]]])('refuses the tokens %j', (input) => {
    expect(failure(() => said({ input }))).toMatchObject({ kind: 'unsupported_parameter', param: 'input' });
  });
});

interface Embeddings {
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: unknown }[];
  readonly usage: unknown;
}

const embedAnswer = (embeddings: number[][], prompt_eval_count: number) =>
  JSON.stringify({ model: 'nomic:v2', embeddings, prompt_eval_count });

function read(body: object, answer: string, size = Infinity) {
  const reader = new OllamaEmbedReader(ask(body), 'nomic');
  const bytes = Buffer.from(answer);
  for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
  return { answer: JSON.parse(reader.end().toString()) as Embeddings, reading: reader.reading };
}

describe('OllamaEmbedReader', () => {
  it('gives an answer in OpenAI’s words', () => {
    const { answer, reading } = read({ input: ['a', 'b'] }, embedAnswer([[0.5, 1], [-1e-7]], 8), 3);

    expect(answer).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, 1] },
        { object: 'embedding', index: 1, embedding: [-1e-7] },
      ],
      model: 'nomic:v2',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    });
    expect(reading).toMatchObject({ usage: { ...NO_USAGE, input: 8 }, costNanoUsd: undefined });
    expect(reading.generatedText()).toBe('');
  });

  it('knows no usage where none is reported, and shows the model that was asked', () => {
    const { answer, reading } = read({ input: 'a' }, '{"embeddings":[[1]]}');

    expect(answer).toMatchObject({ model: 'nomic', usage: { prompt_tokens: 0, total_tokens: 0 } });
    expect(reading.usage).toBeUndefined();
  });

  it('packs the very float32 values into base64, little end first', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true })), { minLength: 1, maxLength: 4 }), (vectors) => {
        const body = { input: vectors.map(() => 'x'), encoding_format: 'base64' };
        const { answer } = read(body, embedAnswer(vectors, 1));

        expect(answer.data.map(({ embedding }) => unpacked(embedding as string))).toEqual(
          vectors.map((vector) => vector.map((value) => value + 0)),
        );
      }),
    );
    expect(read({ input: 'x', encoding_format: 'base64' }, '{"embeddings":[[1]]}').answer.data[0]!.embedding).toBe('AACAPw==');
  });

  it.each([
    ['{"embeddings":[[1],[2]]}', 'upstream_protocol', '2 embeddings for 1 inputs'],
    ['{"embeddings":[]}', 'upstream_protocol', '0 embeddings for 1 inputs'],
    ['{"embeddings":[["1"]]}', 'upstream_protocol', 'no list of embeddings'],
    ['{"embeddings":[1]}', 'upstream_protocol', 'no list of embeddings'],
    ['{"data":[]}', 'upstream_protocol', 'no list of embeddings'],
    ['{"embeddings":[[1]', 'upstream_protocol', 'not JSON'],
    ['', 'upstream_protocol', 'not JSON'],
    ['{"error":"the runner stopped"}', 'upstream_unavailable', 'the runner stopped'],
  ])('refuses %s', (answer, kind, message) => {
    expect(failure(() => read({ input: 'a' }, answer))).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  it('does not pass off vectors of another length than was asked', () => {
    expect(read({ input: 'a', dimensions: 2 }, '{"embeddings":[[1,2]]}').answer.data).toHaveLength(1);
    expect(failure(() => read({ input: 'a', dimensions: 3 }, '{"embeddings":[[1,2]]}'))).toMatchObject({
      kind: 'unsupported_parameter',
      param: 'dimensions',
    });
  });
});

function unpacked(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
