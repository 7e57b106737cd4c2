import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/platform/config/secret.js';
import { answers, cuts, refuses, streams } from '../../support/upstream/behaviours.js';
import { errorOf } from '../wire-error.js';
import { alias, FRAMES, good, MODEL, RouteStage } from './route-stage.js';

const KEYS = ['sk-first-key-0001', 'sk-first-key-0002'];

describe('a route with several targets', () => {
  const stage = RouteStage.set({
    providers: { first: {}, second: {}, third: {} },
    models: [
      alias('fast', ['first', 'second']),
      alias('other-way-round', ['second', 'first']),
      alias('long', ['first', 'second', 'third']),
    ],
    config: { retry: { maxAttempts: 2, baseMs: 1, budgetRatio: 0 } },
  });

  it('leads to its first one, under the name that its provider knows the model by', async () => {
    stage.upstream('first').next(good);

    const { answer, row } = await stage.ask('fast');

    expect(stage.asked()).toEqual({ first: 1, second: 0, third: 0 });
    expect((await stage.upstream('first').attempt(0)).json).toMatchObject({ model: 'first-model' });
    expect(answer.headers).toMatchObject({ 'x-tollgate-provider': 'first', 'x-tollgate-model': 'first-model', 'x-tollgate-attempts': '1' });
    expect(row).toMatchObject({ model_asked: 'fast', provider: 'first', model: 'first-model' });
  });

  it('has an order of its own, whatever the priorities of the providers', async () => {
    stage.upstream('second').next(good);

    const { answer } = await stage.ask('other-way-round');

    expect(answer.headers['x-tollgate-provider']).toBe('second');
  });

  it.each([false, true])('leads to the next one where the first fails (stream: %s)', async (stream) => {
    stage.upstream('first').next(refuses(500));
    stage.upstream('second').next(good);

    const { answer, row } = await stage.ask('fast', { stream });

    expect(answer.status).toBe(200);
    expect((await stage.upstream('second').attempt(0)).json).toMatchObject({ model: 'second-model' });
    expect(answer.headers).toMatchObject({
      'x-tollgate-provider': 'second',
      'x-tollgate-model': 'second-model',
      'x-tollgate-attempts': '2',
    });
    expect(row).toMatchObject({ provider: 'second', model: 'second-model', ending: 'complete' });
    expect(row.attempts).toMatchObject([
      { provider: 'first', model: 'first-model', outcome: 'upstream_unavailable', reason: 'HTTP 500 scripted_error' },
      { provider: 'second', model: 'second-model', outcome: 'answered' },
    ]);
  });

  it('may be the providers that list a model, by their priorities', async () => {
    stage.upstream('first').next(refuses(500));
    stage.upstream('second').next(good);

    const { answer } = await stage.ask(MODEL);

    expect(answer.headers).toMatchObject({ 'x-tollgate-provider': 'second', 'x-tollgate-model': MODEL });
  });

  it('tells the last failure when all fail, and the row has each', async () => {
    stage.upstream('first').next(answers('<html>', 200, { 'content-type': 'text/html' }));
    stage.upstream('second').next(refuses(500));

    const { answer, row } = await stage.ask('fast');

    expect(errorOf(answer).code).toBe('upstream_unavailable');
    expect(answer.headers['x-tollgate-attempts']).toBe('2');
    expect(row.attempts.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['first', 'upstream_protocol'],
      ['second', 'upstream_unavailable'],
    ]);
  });

  it('is tried no more often than a call may be', async () => {
    stage.upstream('first').always(refuses(500));
    stage.upstream('second').always(refuses(500));
    stage.upstream('third').always(good);

    const { answer } = await stage.ask('long');

    expect(answer.status).toBe(503);
    expect(stage.asked()).toEqual({ first: 1, second: 1, third: 0 });
  });

  it('ends where a client has a part of the answer', async () => {
    stage.upstream('first').next(streams(FRAMES.slice(0, 2), { finally: cuts }));

    const { answer } = await stage.ask('fast', { stream: true });

    expect(answer.body.toString()).toMatch(/data: \{"error":.*\}\n\n$/);
    expect(stage.asked()).toEqual({ first: 1, second: 0, third: 0 });
  });

  it('is the one provider that the request names, whoever else has the model', async () => {
    stage.upstream('second').next(refuses(500));

    const { answer, row } = await stage.ask(MODEL, { body: { provider: 'second' } });

    expect(answer.status).toBe(503);
    expect(stage.asked()).toEqual({ first: 0, second: 1, third: 0 });
    expect(row.attempts).toHaveLength(1);
  });
});

describe('a provider with several keys', () => {
  const stage = RouteStage.set({
    providers: { first: { apiKeys: KEYS.map((key) => new Secret(key)) }, second: {} },
    models: [alias('alone', ['first'])],
    config: { retry: { maxAttempts: 2, baseMs: 1 } },
  });
  const keysAsked = (): (string | undefined)[] => stage.upstream('first').attempts.map(({ apiKey }) => apiKey);

  it('uses them in turn', async () => {
    stage.upstream('first').always(good);

    for (let count = 0; count < 4; count += 1) await stage.ask('alone');

    expect(KEYS.map((key) => keysAsked().filter((asked) => asked === key).length)).toEqual([2, 2]);
  });

  it('answers with another key where one is refused, and leaves that one alone from then on', async () => {
    const [refused] = KEYS;
    stage.upstream('first').always((exchange) => (exchange.attempt.apiKey === refused ? refuses(401) : good)(exchange));

    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await stage.ask('alone')).answer.status);

    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(keysAsked().filter((key) => key === refused)).toHaveLength(1);
  });
});
