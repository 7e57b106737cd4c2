import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/platform/config/secret.js';
import { OTHER_KEY } from '../../support/gateway.js';
import type { Behaviour } from '../../support/upstream.js';
import { answers } from '../../support/upstream/behaviours.js';
import { plays } from '../../support/upstream/dialects.js';
import { MODEL, Stage } from '../stage.js';

const ACCOUNTS = ['sk-account-a-1234567890', 'sk-account-b-1234567890', 'sk-account-c-1234567890'];
const QUESTION = { model: MODEL, input: 'Hello' };
const STREAM_ID = 'resp_scripted';

/** A whole answer that the provider keeps, or does not, under this id. */
function answerNamed(id: string, store = true): Behaviour {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return answers({ id, object: 'response', status: 'completed', model: MODEL, store, output: [], usage });
}

describe('what a provider keeps', () => {
  const stage = Stage.set({ provider: { dialects: ['openai-responses'], apiKeys: ACCOUNTS.map((key) => new Secret(key)) } });

  const say = async (body: object, key?: string): Promise<{ status: number; error: Record<string, unknown> }> => {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const answer = await stage.call({ ...QUESTION, ...body }, headers, '/v1/responses');
    const { error } = answer.status === 200 ? { error: {} } : (JSON.parse(answer.body.toString()) as { error: Record<string, unknown> });
    return { status: answer.status, error };
  };
  const accountsAsked = (): (string | undefined)[] => stage.upstream.attempts.map(({ apiKey }) => apiKey);

  it.each([
    ['plain', false, 'resp_plain', answerNamed('resp_plain')],
    ['streamed', true, STREAM_ID, plays()],
  ] as const)('is found again by its tenant, at the account that has it (%s)', async (_, stream, id, behaviour) => {
    stage.upstream.always(behaviour);
    expect((await say({ stream })).status).toBe(200);

    // With three accounts in turn, a call that was not pinned would come to another one by the second try.
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await say({ previous_response_id: id })).status).toBe(200);
      expect((await say({})).status).toBe(200);
    }

    const [first, ...later] = accountsAsked();
    expect(later.filter((_account, at) => at % 2 === 0)).toEqual([first, first, first]);
    expect(new Set(later).size).toBe(ACCOUNTS.length);
  });

  it('is nothing to another tenant, in the words for what nobody has, and nobody is asked', async () => {
    stage.upstream.always(answerNamed('resp_ours'));
    await say({});

    const foreign = await say({ previous_response_id: 'resp_ours' }, OTHER_KEY);
    const unknown = await say({ previous_response_id: 'resp_nobodys' }, OTHER_KEY);

    expect(foreign).toMatchObject({ status: 404, error: { param: 'previous_response_id' } });
    expect({ ...foreign.error, request_id: '' }).toEqual({ ...unknown.error, request_id: '' });
    expect(stage.upstream.attempts).toHaveLength(1);
  });

  it('is not what an answer names that the provider does not keep', async () => {
    stage.upstream.always(answerNamed('resp_unkept', false));
    await say({ store: false });

    expect((await say({ previous_response_id: 'resp_unkept' })).status).toBe(404);
  });
});
