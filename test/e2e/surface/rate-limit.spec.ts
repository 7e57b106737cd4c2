import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ADMIN_KEY, OTHER_KEY } from '../../support/gateway.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const BODY = { model: MODEL, messages: MESSAGES };

describe('a key that is allowed two requests a minute', () => {
  const stage = Stage.set({ config: { limits: { requestsPerMinute: 2 } } });

  it('is told so at the third, which reaches nobody and is no row', async () => {
    stage.upstream.always(answers(completion()));
    const first = await stage.call(BODY);
    const second = await stage.call(BODY);

    const third = await stage.call(BODY, { 'x-request-id': 'one-too-many' });

    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(second.headers).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-remaining-requests': '0' });
    const error = errorOf(third);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(error.message).toMatch(/2 requests per minute/);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(third.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(Number(third.headers['retry-after-ms'])).toBeGreaterThan(0);
    expect(stage.upstream.attempts).toHaveLength(2);
    expect(await stage.gateway.logs.untilLinesOf('one-too-many')).toHaveLength(1);
    expect((await stage.gateway.ledger.rows()).map((row) => row.request_id)).not.toContain('one-too-many');
  });

  it('meets it in its SDK as a RateLimitError', async () => {
    const call = stage.openai.chat.completions.create(BODY);

    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });

  it('does not use up what another key may', async () => {
    stage.upstream.always(answers(completion()));

    expect((await stage.call(BODY, { authorization: `Bearer ${OTHER_KEY}` })).status).toBe(200);
    expect((await stage.call(BODY, { authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(200);
  });

  it('does not count what was refused before it was admitted', async () => {
    stage.upstream.always(answers(completion()));
    const authorization = `Bearer ${ADMIN_KEY}`;
    for (let count = 0; count < 5; count += 1) await stage.call({ ...BODY, temperature: 5 }, { authorization });

    expect((await stage.call(BODY, { authorization })).status).toBe(200);
  });
});
