import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { MESSAGES, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';
import { administer as administerAt, type Json } from './administer.js';

const SMALL = 'scripted-small';
const LARGE = 'scripted-large';

describe('an end user', () => {
  const stage = Stage.set({ provider: { models: [SMALL, LARGE] } });

  beforeEach(() => stage.upstream.always(answers(completion())));

  const administer = (method: string, path: string, body?: object): Promise<Json> =>
    administerAt(stage.gateway.baseUrl, method, path, body);
  const call = (user: string | undefined, key = CLIENT_KEY, model = SMALL): Promise<RawAnswer> =>
    stage.call({ model, messages: MESSAGES, ...(user !== undefined && { user }) }, { authorization: `Bearer ${key}` });

  it('must be named where the key demands it', async () => {
    const { key } = await administer('POST', '/keys', { name: 'many users', require_user: true });

    const refusal = await call(undefined, key);
    expect(refusal.status).toBe(400);
    expect(errorOf(refusal)).toMatchObject({ type: 'invalid_request_error', param: 'user', message: expect.stringContaining('`user`') });
    expect(stage.upstream.attempts).toHaveLength(0);
    expect((await call('ann', key)).status).toBe(200);
    expect((await call(undefined)).status).toBe(200);
  });

  it('must be named in the words of the API that is called', async () => {
    const { key } = await administer('POST', '/keys', { name: 'many users', require_user: true });

    const refusal = await stage.call(
      { model: SMALL, max_tokens: 5, messages: MESSAGES },
      { authorization: `Bearer ${key}` },
      '/v1/messages',
    );

    expect(refusal.status).toBe(400);
    expect(refusal.body.toString()).toContain('`metadata.user_id`');
  });

  it('that is disabled is refused, within its own tenant', async () => {
    const { id } = await administer('POST', '/users', { user_id: 'ann', key: 'client:client', disabled: true });

    const refusal = await call('ann');
    expect(refusal.status).toBe(403);
    expect(errorOf(refusal)).toMatchObject({ code: 'forbidden', message: expect.stringContaining('end user') });
    expect(stage.upstream.attempts).toHaveLength(0);
    expect([(await call('ben')).status, (await call('ann', OTHER_KEY)).status]).toEqual([200, 200]);

    await administer('PATCH', `/users/${id}`, { disabled: false });
    expect((await call('ann')).status).toBe(200);
  });

  it('uses the models that itself and the key may use', async () => {
    const { id: team } = await administer('POST', '/teams', { name: 'users' });
    const { key } = await administer('POST', '/keys', { name: 'member', team, models: [SMALL] });
    const { id } = await administer('POST', '/users', { user_id: 'ann', team, models: [LARGE] });
    expect((await call('ann', key)).status).toBe(403);
    expect((await call('ben', key)).status).toBe(200);

    await administer('PATCH', `/users/${id}`, { models: ['scripted/*'] });
    expect([(await call('ann', key)).status, (await call('ann', key, LARGE)).status]).toEqual([200, 403]);
    await administer('DELETE', `/users/${id}`);
    expect((await call('ann', key)).status).toBe(200);
  });

  it('has limits of its own beside those of the key', async () => {
    await administer('POST', '/users', { user_id: 'cyd', key: 'client:client', requests_per_minute: 2 });

    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await call('cyd')).status);

    expect(statuses).toEqual([200, 200, 429]);
    expect((await call('dan')).status).toBe(200);
  });
});
