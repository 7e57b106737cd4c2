import { describe, expect, it } from '@jest/globals';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { expectRefused } from './expect-refused.js';

const USER = { role: 'user', content: 'hi' };

/** What is wrong · the members it changes · the field it names · what the message says is accepted. */
const FIELDS: readonly [string, object, string, RegExp][] = [
  ['no model', { model: undefined }, 'model', /model/],
  ['a model that is no string', { model: 7 }, 'model', /string/],
  ['an empty model', { model: '' }, 'model', /model/],
  ['no messages', { messages: undefined }, 'messages', /messages/],
  ['empty messages', { messages: [] }, 'messages', /at least (1|one)|>=? ?1/i],
  ['messages that are no list', { messages: 'hi' }, 'messages', /array|list/],
  ['an unknown role', { messages: [{ role: 'robot', content: 'hi' }] }, 'messages[0].role', /system.*user.*assistant.*tool/],
  ['a message without content', { messages: [USER, { role: 'user' }] }, 'messages[1].content', /string/],
  ['content of a wrong type', { messages: [{ role: 'user', content: 7 }] }, 'messages[0].content', /string/],
  ['a tool result without its call', { messages: [USER, { role: 'tool', content: 'x' }] }, 'messages[1].tool_call_id', /string/],
  ['temperature: 5', { temperature: 5 }, 'temperature', /2/],
  ['temperature: -1', { temperature: -1 }, 'temperature', /0/],
  ['a temperature in words', { temperature: 'hot' }, 'temperature', /number/],
  ['top_p: 1.5', { top_p: 1.5 }, 'top_p', /1/],
  ['n: 0', { n: 0 }, 'n', /1/],
  ['n: 129', { n: 129 }, 'n', /128/],
  ['max_tokens: 0', { max_tokens: 0 }, 'max_tokens', /1/],
  ['max_tokens: 1.5', { max_tokens: 1.5 }, 'max_tokens', /int|whole/],
  ['stream: "yes"', { stream: 'yes' }, 'stream', /boolean|true/],
  ['stream_options that are no object', { stream: true, stream_options: true }, 'stream_options', /object/],
  ['five stop sequences', { stop: ['1', '2', '3', '4', '5'] }, 'stop', /4|four/],
  ['tools that are no list', { tools: {} }, 'tools', /array|list/],
  ['a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name', /string/],
  ['a response format without a type', { response_format: {} }, 'response_format.type', /string|text|json/],
  ['a user that is no string', { user: 7 }, 'user', /string/],
  ['a provider that is no string and not for OpenRouter', { provider: { order: ['a'] } }, 'provider', /string|name|OpenRouter/],
];

const MALFORMED: readonly [string, string][] = [
  ['cut off', `{"model":"${MODEL}","messages":[`],
  ['with a trailing comma', `{"model":"${MODEL}",}`],
  ['that is text', 'hello'],
  ['that is empty', ''],
];

const DUPLICATES: readonly [string, string, string][] = [
  ['model', `{"model":"${MODEL}","messages":[{"role":"user","content":"hi"}],"model":"other"}`, 'model'],
  ['an escaped model', `{"model":"${MODEL}","mod\\u0065l":"other","messages":[{"role":"user","content":"hi"}]}`, 'model'],
  [
    'max_tokens, escaped in the first place',
    `{"\\u006dax_tokens":1,"max_tokens":9,"model":"${MODEL}","messages":[{"role":"user","content":"hi"}]}`,
    'max_tokens',
  ],
  ['a field that we do not know', `{"x_new":1,"x_new":2,"model":"${MODEL}","messages":[{"role":"user","content":"hi"}]}`, 'x_new'],
];

describe.each(['/v1/chat/completions', '/v1/chat/stream'])('POST %s', (path) => {
  const stage = Stage.set({ config: { http: { maxBodyBytes: 20_000 } } });

  it.each(FIELDS)('refuses %s, names the field and what is accepted', async (_, change, param, accepted) => {
    const answer = await stage.call({ model: MODEL, messages: MESSAGES, ...change }, {}, path);

    const error = await expectRefused(stage, answer, 400);
    expect(error).toMatchObject({ param, type: 'invalid_request_error' });
    expect(error.message).toContain(param);
    expect(error.message).toMatch(accepted);
  });

  it.each(MALFORMED)('refuses JSON %s', async (_, body) => {
    const error = await expectRefused(stage, await stage.call(body, {}, path), 400);

    expect(error).toMatchObject({ param: null, type: 'invalid_request_error' });
    expect(error.message).toMatch(/JSON/);
  });

  it.each([['null'], ['[]'], ['"text"'], ['7']])('refuses a body that is %s', async (body) => {
    const error = await expectRefused(stage, await stage.call(body, {}, path), 400);

    expect(error.message).toMatch(/object/);
  });

  it.each(DUPLICATES)('refuses a body that says %s twice', async (_, body, name) => {
    const error = await expectRefused(stage, await stage.call(body, {}, path), 400);

    expect(error.param).toBe(name);
    expect(error.message).toMatch(/twice|duplicate|once|more than one/i);
  });

  it('refuses a body over the limit, by its length and by its bytes', async () => {
    const big = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
    const chunked = `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`;

    const byLength = await expectRefused(stage, await stage.call(big, {}, path), 413);
    const byBytes = await stage.call(chunked, { 'transfer-encoding': 'chunked' }, path);

    expect(byLength.message).toMatch(/20000|20,000|20 ?kB/i);
    await expectRefused(stage, byBytes, 413);
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x']])(
    'refuses the content type %s',
    async (type) => {
      const error = await expectRefused(stage, await stage.call({ model: MODEL, messages: MESSAGES }, { 'content-type': type }, path), 415);

      expect(error.message).toMatch(/application\/json/);
    },
  );

  it('refuses a model that nobody has, and names the field', async () => {
    const error = await expectRefused(stage, await stage.call({ model: 'no-such-model', messages: MESSAGES }, {}, path), 404);

    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(error.message).toContain('no-such-model');
  });

  it('refuses a provider that is not configured', async () => {
    const error = await expectRefused(stage, await stage.call({ model: MODEL, provider: 'nobody', messages: MESSAGES }, {}, path), 400);

    expect(error.param).toBe('provider');
    expect(error.message).toContain('nobody');
  });

  it('survives nesting that breaks a recursive reader', async () => {
    const deep = `{"model":"${MODEL}","messages":${'['.repeat(9_000)}${']'.repeat(9_000)}}`;

    expect((await expectRefused(stage, await stage.call(deep, {}, path), 400)).type).toBe('invalid_request_error');
  });
});
