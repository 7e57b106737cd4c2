import { describe, expect, it } from '@jest/globals';
import type { GatewayError } from '../../core/errors.js';
import type { RelayChanges } from '../dialect.js';
import { wrapProof } from '../reasoning-proof.js';
import { OPENAI_RESPONSES } from './openai-responses.dialect.js';
import { responsesJsonSchema } from './openai-responses.schema.js';

const parse = (text: string, headers = {}) =>
  OPENAI_RESPONSES.parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) as unknown }, { headers });
const CHANGES = { model: 'm', askUsage: true, keepProvider: false, maxTokensField: 'max_completion_tokens' } as const;
const CALL = '{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}';
const RESULT = '{"type":"function_call_output","call_id":"c1","output":"4"}';

function refusal(body: string): { message: string; param: string | undefined } {
  try {
    parse(body);
  } catch (error) {
    return { message: (error as GatewayError).message, param: (error as GatewayError).details.param };
  }
  throw new Error('was accepted');
}

describe('parsing a Responses body', () => {
  it.each([
    ['{"input":"hi"}', 'model', 'expected string'],
    ['{"model":"m"}', 'input', 'is missing'],
    ['{"model":"m","input":[]}', 'input', 'is missing'],
    ['{"model":"m","input":5}', 'input', 'expected a string or a list of items'],
    ['{"model":"m","input":[{"role":"robot","content":"x"}]}', 'input[0].role', 'expected one of user, assistant, system, developer'],
    ['{"model":"m","input":[{"role":"user","content":5}]}', 'input[0].content', 'expected a string or a list of parts'],
    ['{"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]}', 'input[0].content[0].text', 'is missing'],
    ['{"model":"m","input":[{"role":"user","content":[{"text":"x"}]}]}', 'input[0].content[0].type', 'expected string'],
    ['{"model":"m","input":[{"type":"function_call","call_id":"c","name":"f"}]}', 'input[0].arguments', 'is missing'],
    ['{"model":"m","input":"x","tools":[{"type":"function"}]}', 'tools[0].name', 'is missing'],
    ['{"model":"m","input":"x","tool_choice":{"type":"function"}}', 'tool_choice.name', 'is missing'],
    ['{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"a"}}}', 'text.format.schema', 'is missing'],
    ['{"model":"m","input":"x","temperature":3}', 'temperature', '<=2'],
    ['{"model":"m","input":"x","stream_options":{"include_obfuscation":false}}', 'stream_options', 'stream: true'],
    ['{"model":"m","input":"x","mod\\u0065l":"n"}', 'model', 'twice'],
    [`{"model":"m","input":[${RESULT}]}`, 'input[0].call_id', 'answers no tool call'],
    [`{"model":"m","input":[${RESULT},${CALL}]}`, 'input[0].call_id', 'answers no tool call'],
    ['{"model":"m","input":[{"type":"custom_tool_call_output","call_id":"c9","output":"4"}]}', 'input[0].call_id', 'answers no tool call'],
  ])('refuses %s and names the field', (body, param, text) => {
    const error = refusal(body);

    expect(error.param).toBe(param);
    expect(error.message).toContain(text);
  });

  it.each([
    `{"model":"m","input":[${CALL},${RESULT}]}`,
    `{"model":"m","input":[${RESULT}],"previous_response_id":"resp_1"}`,
    `{"model":"m","input":[${RESULT}],"conversation":"conv_1"}`,
    `{"model":"m","input":[{"type":"item_reference","id":"fc_1"},${RESULT}]}`,
    `{"model":"m","input":[{"id":"fc_1"},${RESULT}]}`,
    '{"model":"m","prompt":{"id":"pmpt_1"}}',
    '{"model":"m","input":[{"type":"from_tomorrow","call_id":5}],"tools":[{"type":"namespace","tools":[]},{"type":"web_search"}]}',
    '{"model":"m","input":"x","client_metadata":{"a":1},"temperature":null,"instructions":null,"tools":null}',
  ])('accepts %s', (body) => {
    expect(parse(body).modelAsked).toBe('m');
  });

  it('reads what the gateway must know', () => {
    const request = parse('{"model":"m","input":"x","stream":true,"provider":"p","user":"u","safety_identifier":"s"}', {
      'x-tollgate-strict': 'true',
    });

    expect(request).toMatchObject({
      dialect: 'openai-responses',
      providerAsked: 'p',
      hasProviderPreferences: false,
      stream: true,
      wantsUsage: true,
      choices: 1,
      userId: 's',
      strict: true,
      headers: {},
    });
    expect(parse('{"model":"m","input":"x","user":"u","provider":{"order":[]}}')).toMatchObject({
      userId: 'u',
      hasProviderPreferences: true,
      providerAsked: undefined,
    });
  });

  it('has a JSON Schema that lets unknown fields through', () => {
    expect(responsesJsonSchema()).toMatchObject({ type: 'object', required: ['model'], additionalProperties: {} });
  });
});

describe('the body for a provider of the same dialect', () => {
  const relayed = (text: string, changes: Partial<RelayChanges> = {}) =>
    OPENAI_RESPONSES.relayBody(parse(text), { ...CHANGES, ...changes }).toString();

  it('is the very bytes where nothing changes', () => {
    const text = '{ "model" : "m",\n"input":"x", "n":1.0e2, "client_metadata": {"a" :1} }';

    expect(relayed(text)).toBe(text);
  });

  it('has another model and no provider field of ours, and all else as it came', () => {
    expect(relayed('{"provider":"p","model" : "fast","input":"x","n":1.0e2}')).toBe('{"model" : "m","input":"x","n":1.0e2}');
    expect(relayed('{"model":"m","input":"x","provider":{"order":["a"]}}', { keepProvider: true })).toContain('"provider":{"order":["a"]}');
  });

  it('has a limit on the answer where one is set for it, and no field of ours', () => {
    expect(relayed('{"provider":"p","clamp":true,"model":"m","input":"x"}', { maxOutputTokens: 50 })).toBe(
      '{"max_output_tokens":50,"model":"m","input":"x"}',
    );
    expect(relayed('{"model":"m","max_output_tokens":900,"input":"x","clamp":true}', { maxOutputTokens: 50 })).toBe(
      '{"model":"m","max_output_tokens":50,"input":"x"}',
    );
  });

  it('lacks the thoughts of providers of other dialects, which OpenAI would refuse', () => {
    const proof = wrapProof({ maker: 'anthropic', kind: 'signature', value: 'sig' });
    const foreign = `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"${proof}"}`;
    const own = '{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gAAA"}';
    const user = '{"role":"user","content":"tollgate."}';

    expect(relayed(`{"model":"m","input":[${foreign},${own},${user}],"n":1.0}`)).toBe(`{"model":"m","input":[${own},${user}],"n":1.0}`);
  });
});

describe('the text of a prompt', () => {
  it('is what a model reads: no bytes of files, no ids', () => {
    const request = parse(
      JSON.stringify({
        model: 'm',
        instructions: 'be kind',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'look' },
              { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
            ],
          },
          { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
          { type: 'function_call_output', call_id: 'c1', output: 'done' },
        ],
      }),
    );

    expect(OPENAI_RESPONSES.prompt(request)).toEqual({ texts: ['be kind', 'look', 'f', '{"a":1}', 'done'], extraTokens: 12 });
  });
});
