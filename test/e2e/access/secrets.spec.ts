import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ADMIN_KEY, CLIENT_KEY, METRICS_TOKEN, OTHER_KEY, PROVIDER_KEY } from '../../support/gateway.js';
import type { Behaviour } from '../../support/upstream.js';
import { answers, cuts, hangs, refuses, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { errorFrame, streamFrames } from '../../support/upstream/openai-frames.js';
import { CHAT_PATH, MODEL, Stage } from '../stage.js';

const PROMPT = 'the-secret-recipe-of-grandmother';
const ANSWER = 'a-pinch-of-saffron-and-patience';
const WRONG_KEY = 'wrong-key-a9s8d7f6g5h4';
const QUERY_SECRET = 'query-secret-q1w2e3r4';
const MESSAGES = [{ role: 'user' as const, content: PROMPT }];

const KEYS = [PROVIDER_KEY, CLIENT_KEY, OTHER_KEY, ADMIN_KEY, METRICS_TOKEN, WRONG_KEY];

const SECRETS = [...KEYS, PROMPT, ANSWER, QUERY_SECRET];

/** Everything a provider may do, some of it quoting what it was sent. */
const BEHAVIOURS: readonly Behaviour[] = [
  answers(completion({ content: ANSWER })),
  streams(streamFrames({ text: [ANSWER] })),
  refuses(401, { message: `Incorrect API key provided: ${PROVIDER_KEY}. Find yours at …` }),
  refuses(400, { message: `bad header Authorization: Bearer ${PROVIDER_KEY}` }),
  refuses(429, { message: `slow down, ${PROVIDER_KEY}` }),
  refuses(500, { message: `panic: key=${PROVIDER_KEY} prompt=${PROMPT}` }),
  answers(`<html>${PROVIDER_KEY} ${PROMPT}</html>`, 502, { 'content-type': 'text/html' }),
  answers({ error: { code: 401, message: `No auth for ${PROVIDER_KEY}` } }),
  answers(`{"broken": "${PROMPT} ${PROVIDER_KEY}`, 200),
  streams([errorFrame(`your key ${PROVIDER_KEY} is bad`)]),
  streams([...streamFrames({ text: [ANSWER] }).slice(0, 2), errorFrame(`${PROVIDER_KEY} ran dry`)]),
  streams([...streamFrames({ text: [ANSWER] }).slice(0, 2), `data: {"${PROVIDER_KEY}": "${PROMPT}\n\n`]),
  streams(streamFrames({ text: [ANSWER] }).slice(0, 2), { finally: cuts }),
  hangs,
];

describe('after everything that can go well or wrong,', () => {
  const stage = Stage.set({
    provider: { timeouts: { connectMs: 500, firstTokenMs: 200, idleMs: 200, totalMs: 300 } },
    config: { retry: { maxAttempts: 1 }, log: { level: 'trace' } },
  });
  /** Every byte that left towards a client. */
  let told = '';

  it('every behaviour of a provider has been met', async () => {
    for (const behaviour of BEHAVIOURS) {
      for (const stream of [false, true]) {
        stage.upstream.always(behaviour);
        const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream, user: 'alice' });
        told += JSON.stringify(answer.headers) + answer.body.toString();
      }
    }
    told += await badRequests();
  }, 30_000);

  async function badRequests(): Promise<string> {
    const broken = `{"model":"${MODEL}","messages":[{"role":"user","content":"${PROMPT}"`;
    const answersTo = await Promise.all([
      stage.call(broken),
      stage.call({ model: MODEL, messages: [{ role: PROMPT, content: PROMPT }] }),
      stage.call({ model: MODEL, messages: MESSAGES, temperature: PROMPT }),
      stage.call({ model: MODEL, messages: MESSAGES }, { authorization: `Bearer ${WRONG_KEY}` }),
      stage.call({ model: MODEL, messages: MESSAGES }, { authorization: `Basic ${WRONG_KEY}`, 'x-api-key': WRONG_KEY }),
      stage.raw({ path: `/v1/models?api_key=${QUERY_SECRET}`, headers: { authorization: `Bearer ${CLIENT_KEY}` } }),
      stage.raw({ path: `/v1/unknown?key=${QUERY_SECRET}` }),
      stage.raw({ path: CHAT_PATH, headers: { cookie: `session=${QUERY_SECRET}` } }),
    ]);
    return answersTo.map((answer) => JSON.stringify(answer.headers) + answer.body.toString()).join('');
  }

  it.each(KEYS)('no answer has told this key: %s', (key) => {
    expect(around(key, told)).toEqual([]);
  });

  it('no answer tells an address', () => {
    expect([...around('127.0.0.1', told), ...around(new URL(stage.upstream.baseUrl).port, told)]).toEqual([]);
  });

  it.each(SECRETS)('no line of the log has it: %s', (secret) => {
    expect(stage.gateway.logs.lines.length).toBeGreaterThan(2 * BEHAVIOURS.length);
    expect(around(secret, stage.gateway.logs.text)).toEqual([]);
  });

  it('no open or administrative page has it', async () => {
    const pages = ['/openapi.json', '/docs', '/health', '/v1/health', '/metrics', '/v1/admin/summary', '/v1/models', '/v1/usage/stats'];
    for (const path of pages) {
      const page = await stage.raw({ path, headers: { authorization: `Bearer ${ADMIN_KEY}` } });
      for (const secret of SECRETS) expect(around(secret, page.body.toString())).toEqual([]);
    }
  });

  it('no row of the ledger has it', async () => {
    const rows = JSON.stringify(await stage.gateway.ledger.rows());

    for (const secret of SECRETS) expect(around(secret, rows)).toEqual([]);
  });

  it('no error of the SDK shows it', async () => {
    stage.upstream.always(refuses(401, { message: PROVIDER_KEY }));
    const error: unknown = await stage.openai.chat.completions
      .create({ model: MODEL, messages: MESSAGES })
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(JSON.stringify(error) + String(error)).not.toContain(PROVIDER_KEY);
  });
});

/** Each place where `secret` stands in `text`, with a little of what surrounds it. */
function around(secret: string, text: string): string[] {
  const places: string[] = [];
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) places.push(text.slice(Math.max(0, at - 80), at + 60));
  return places;
}
