import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../core/errors.js';
import { NO_USAGE } from '../../core/usage.js';
import { EMBEDDINGS } from './embeddings.dialect.js';
import { embeddingsJsonSchema } from './embeddings.schema.js';

const parse = (text: string, headers = {}) =>
  EMBEDDINGS.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { headers, alwaysStream: false });
const parseInput = (input: unknown) => parse(JSON.stringify({ model: 'm', input }));

function refusal(body: string): { kind: string; message: string; param: string | undefined } {
  try {
    parse(body);
  } catch (error) {
    const { kind, message, details } = error as GatewayError;
    return { kind, message, param: details.param };
  }
  throw new Error('was accepted');
}

describe('an Embeddings request', () => {
  it.each([
    [`{"input":"a"}`, 'model', 'expected string'],
    [`{"model":"","input":"a"}`, 'model', '>=1'],
    [`{"model":"m"}`, 'input', 'expected a string, a list of strings or lists of tokens'],
    [`{"model":"m","input":{}}`, 'input', 'expected a string, a list'],
    [`{"model":"m","input":""}`, 'input', 'must not be empty'],
    [`{"model":"m","input":[]}`, 'input', '>=1'],
    [`{"model":"m","input":["a",""]}`, 'input[1]', 'must not be empty'],
    [`{"model":"m","input":["a",5]}`, 'input[1]', 'expected string'],
    [`{"model":"m","input":[1,"a"]}`, 'input[1]', 'expected number'],
    [`{"model":"m","input":[1,1.5]}`, 'input[1]', 'expected int'],
    [`{"model":"m","input":[1,-1]}`, 'input[1]', '>=0'],
    [`{"model":"m","input":[[1],[]]}`, 'input[1]', '>=1'],
    [`{"model":"m","input":[[1],["a"]]}`, 'input[1][0]', 'expected number'],
    [`{"model":"m","input":[null]}`, 'input[0]', 'expected string'],
    [`{"model":"m","input":${JSON.stringify(Array(2049).fill('a'))}}`, 'input', '<=2048'],
    [`{"model":"m","input":"a","encoding_format":"int8"}`, 'encoding_format', 'float'],
    [`{"model":"m","input":"a","dimensions":0}`, 'dimensions', '>=1'],
    [`{"model":"m","input":"a","user":5}`, 'user', 'expected string'],
    [`{"model":"m","input":"a","provider":5}`, 'provider', 'the name of a provider'],
    [`{"model":"m","input":"a","mod\\u0065l":"n"}`, 'model', 'twice'],
    [`[1]`, undefined, 'expected object'],
    [`null`, undefined, 'expected object'],
  ])('%# is refused with the field at fault', (body, param, message) => {
    expect(refusal(body)).toMatchObject({ kind: 'invalid_request', param, message: expect.stringContaining(message) });
  });

  it('is read, with null for absent and fields that nobody has heard of', () => {
    const body = `{"model":"m","input":"a","user":"u","dimensions":null,"encoding_format":null,"provider":"home","brand_new":[1]}`;

    expect(parse(body, { 'x-tollgate-strict': 'true' })).toMatchObject({
      dialect: 'embeddings',
      modelAsked: 'm',
      providerAsked: 'home',
      hasProviderPreferences: false,
      stream: false,
      wantsUsage: false,
      choices: 1,
      userId: 'u',
      headers: {},
      strict: true,
    });
    expect(parse(`{"model":"m","input":"a","provider":{"order":[]}}`)).toMatchObject({
      providerAsked: undefined,
      hasProviderPreferences: true,
      userId: undefined,
      strict: false,
    });
  });

  it.each([
    ['a b', { texts: ['a b'], extraTokens: 0 }],
    [['a', 'b'], { texts: ['a', 'b'], extraTokens: 0 }],
    [[1, 2, 3], { texts: [], extraTokens: 3 }],
    [[[1, 2], [3]], { texts: [], extraTokens: 3 }],
  ])('with the input %j is counted as %j', (input, prompt) => {
    expect(EMBEDDINGS.prompt(parseInput(input))).toEqual(prompt);
  });

  it('is relayed with nothing changed but the model and our own provider field', () => {
    const relayed = (text: string, keepProvider = false) =>
      EMBEDDINGS.relayBody(parse(text), { model: 'm', askUsage: true, keepProvider, maxTokensField: 'max_tokens' }).toString();

    expect(relayed(`{ "input" : [1,\n2] , "model":"m" }`)).toBe(`{ "input" : [1,\n2] , "model":"m" }`);
    expect(relayed(`{"model":"alias", "input":"ä","provider":"home","x":1e2}`)).toBe(`{"model":"m", "input":"ä","x":1e2}`);
    expect(relayed(`{"provider":"home","input":"a","model":"\\u006d"}`)).toBe(`{"input":"a","model":"m"}`);
    expect(relayed(`{"provider":"home","clamp":true,"input":"a","model":"m"}`)).toBe(`{"input":"a","model":"m"}`);
    expect(relayed(`{"model":"m","input":"a","provider":{"order":[]}}`, true)).toBe(`{"model":"m","input":"a","provider":{"order":[]}}`);
  });

  it('has a schema for the OpenAPI document', () => {
    expect(embeddingsJsonSchema()).toMatchObject({ type: 'object', required: ['model', 'input'], properties: { input: { anyOf: {} } } });
  });
});

describe('an Embeddings answer', () => {
  const read = (...chunks: string[]) => {
    const reader = EMBEDDINGS.relay(parseInput('a'));
    const early = chunks.map((chunk) => reader.read(Buffer.from(chunk)).toString()).join('');
    return { early, body: reader.end().toString(), reading: reader.reading };
  };
  const kindOf = (answer: string): string => {
    try {
      read(answer);
    } catch (error) {
      return (error as GatewayError).kind;
    }
    throw new Error('was let through');
  };
  const DATA = `"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-2e-3]}],"model":"m"`;

  it('goes on as it came, once it is whole', () => {
    const answer = `{ ${DATA},"usage":{"prompt_tokens":5,"total_tokens":5,"cost":0.000002}}\n`;
    const { early, body, reading } = read(answer.slice(0, 40), answer.slice(40));

    expect([early, body]).toEqual(['', answer]);
    expect(reading).toMatchObject({ usage: { ...NO_USAGE, input: 5 }, costNanoUsd: 2_000n });
    expect(reading.generatedText()).toBe('');
  });

  it('may be in base64, report only a total, or report nothing', () => {
    const usageOf = (rest: string) => read(`{"data":[{"embedding":"AACAPw=="}]${rest}}`).reading.usage;

    expect(usageOf(',"usage":{"total_tokens":7}')).toEqual({ ...NO_USAGE, input: 7 });
    expect(usageOf(',"usage":null')).toBeUndefined();
    expect(usageOf('')).toBeUndefined();
  });

  it.each([
    ['', 'upstream_protocol'],
    ['<html>', 'upstream_protocol'],
    ['null', 'upstream_protocol'],
    ['{"choices":[]}', 'upstream_protocol'],
    ['{"data":[{"object":"embedding"}]}', 'upstream_protocol'],
    ['{"data":[null]}', 'upstream_protocol'],
    [`{${DATA}`, 'upstream_protocol'],
    ['{"error":{"message":"slow down","code":429}}', 'upstream_rate_limited'],
  ])('%s is %s', (answer, kind) => {
    expect(kindOf(answer)).toBe(kind);
  });
});

describe('an error of Embeddings', () => {
  it('has OpenAI’s shape', () => {
    const error = new GatewayError('unsupported_parameter', 'No.', { param: 'input' });
    const { status, body } = EMBEDDINGS.toError(error, 'req_1');

    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { message: 'No.', param: 'input', code: 'unsupported_parameter' } });
    expect(EMBEDDINGS.toErrorFrame(error, 'req_1')).toBe(`data: ${body}\n\n`);
    expect(EMBEDDINGS.toUpstreamError(429, {}, Buffer.from('{}'), 0).kind).toBe('upstream_rate_limited');
  });
});
