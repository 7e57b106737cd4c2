import { describe, expect, it } from '@jest/globals';
import { ADMIN_KEY, CLIENT_KEY, PROVIDER_KEY } from '../../support/gateway.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion, ODD_COMPLETION, USAGE } from '../../support/upstream/openai-answers.js';
import { CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';

describe('a plain chat completion', () => {
  const stage = Stage.set();

  it('reaches the client of OpenAI with everything the provider said', async () => {
    stage.upstream.next(answers(completion({ content: 'Grüße, 世界 👋🏽', extra: { x_vendor: { shard: 7 } } })));

    const answer = await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES });

    expect(answer.choices[0]?.message.content).toBe('Grüße, 世界 👋🏽');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage).toEqual(USAGE);
    expect(answer).toHaveProperty('x_vendor', { shard: 7 });
  });

  it("returns the provider's own bytes, however they are written", async () => {
    stage.upstream.next(answers(ODD_COMPLETION));

    const answer = await stage.call({ model: MODEL, messages: MESSAGES });

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.body.toString()).toBe(ODD_COMPLETION.toString());
  });

  it("sends the provider the client's own bytes, unknown fields and spelling included", async () => {
    stage.upstream.next(answers(completion()));
    const body = `{ "messages" : [{"role":"user","content":"Gr\\u00fc\\u00dfe"}],\n "x_new": 1.50, "temperature":1e0,"model":"${MODEL}" }`;

    await stage.call(body);

    expect((await stage.upstream.attempt(0)).body.toString()).toBe(body);
  });

  it('takes out what is meant for the gateway alone, and nothing else', async () => {
    stage.upstream.next(answers(completion()));

    await stage.call(`{"model":"${MODEL}","provider":"scripted","messages":[{"role":"user","content":"\\u0068i"}],"x_new":1.50}`);

    const sent = (await stage.upstream.attempt(0)).body.toString();
    expect(sent).toBe(`{"model":"${MODEL}","messages":[{"role":"user","content":"\\u0068i"}],"x_new":1.50}`);
  });

  it("authenticates with the operator's key and passes on no header of the client", async () => {
    stage.upstream.next(answers(completion()));

    await stage.call(
      { model: MODEL, messages: MESSAGES },
      {
        'x-api-key': CLIENT_KEY,
        cookie: 'session=1',
        'x-forwarded-for': '10.0.0.1',
        'openai-organization': 'org-client',
        'x-custom': 'leak',
      },
    );

    const { apiKey, headers, path } = await stage.upstream.attempt(0);
    expect(path).toBe(CHAT_PATH);
    expect(apiKey).toBe(PROVIDER_KEY);
    expect(JSON.stringify(headers)).not.toMatch(new RegExp(`${CLIENT_KEY}|session=1|10\\.0\\.0\\.1|org-client|leak`));
  });

  it('says in its headers who answered (and no cost, where no price is known), and passes on none of the provider', async () => {
    const leaks = { 'set-cookie': 'a=b', server: 'scripted', 'openai-organization': 'org-operator', 'x-internal': 'leak' };
    stage.upstream.next(answers(completion(), 200, { 'content-type': 'application/json', ...leaks }));

    const { headers } = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': 'my.label-1' });

    expect(headers).toMatchObject({
      'x-request-id': 'my.label-1',
      'x-tollgate-provider': 'scripted',
      'x-tollgate-model': MODEL,
      'x-tollgate-attempts': '1',
      'x-tollgate-cache': expect.stringMatching(/^(miss|bypass)$/),
      'x-tollgate-overhead-ms': expect.stringMatching(/^\d+(\.\d+)?$/),
    });
    expect(headers).not.toHaveProperty('x-tollgate-cost-usd');
    expect(JSON.stringify(headers)).not.toMatch(/a=b|org-operator|x-internal|"scripted"server/);
  });

  it('makes a request id of its own where the label cannot be carried', async () => {
    stage.upstream.always(answers(completion()));

    const odd = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': 'no spaces, please' });
    const long = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': 'x'.repeat(129) });

    for (const { headers } of [odd, long]) expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
    expect(odd.headers['x-request-id']).not.toBe(long.headers['x-request-id']);
  });

  it.each([
    ['Authorization: Bearer', { authorization: `Bearer ${CLIENT_KEY}` }],
    ['authorization with a small bearer', { authorization: `bearer ${CLIENT_KEY}` }],
    ['X-API-Key', { 'x-api-key': CLIENT_KEY }],
    ['an admin key', { 'x-api-key': ADMIN_KEY }],
  ])('lets in a key by %s', async (_, headers) => {
    stage.upstream.next(answers(completion()));
    const body = JSON.stringify({ model: MODEL, messages: MESSAGES });

    const answer = await stage.raw({ method: 'POST', path: CHAT_PATH, headers: { 'content-type': 'application/json', ...headers }, body });

    expect(answer.status).toBe(200);
  });

  it('answers under /api/v1 too', async () => {
    stage.upstream.next(answers(completion({ content: 'same' })));
    const openai = stage.client();
    openai.baseURL = `${stage.gateway.baseUrl}/api/v1`;

    const answer = await openai.chat.completions.create({ model: MODEL, messages: MESSAGES });

    expect(answer.choices[0]?.message.content).toBe('same');
  });

  it('sends the provider a plain request, and asks it for no usage report of a stream', async () => {
    stage.upstream.next(answers(completion()));

    await stage.openai.chat.completions.create({ model: MODEL, messages: MESSAGES });

    expect((await stage.upstream.attempt(0)).json).toEqual({ model: MODEL, messages: MESSAGES });
  });
});
