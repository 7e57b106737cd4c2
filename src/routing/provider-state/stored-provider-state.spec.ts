import { describe, expect, it } from '@jest/globals';
import type { Log } from '../../platform/index.js';
import type { NamedProviderId, ProviderAccount, ProviderId } from '../../core/provider-state.js';
import { type Binding, isSamePlace, toIdKey } from './binding.js';
import { PROVIDER_STATE_LIMITS, type ProviderStateLimits, StoredProviderState } from './stored-provider-state.js';

const OURS = { tenant: 'ours' };
const AT: ProviderAccount = { provider: 'openai', account: 'aaaa' };
const ELSEWHERE: ProviderAccount = { provider: 'openai', account: 'bbbb' };

describe('StoredProviderState', () => {
  it('asks nobody for a call that names nothing', () => {
    const { state, questions } = stateOver([]);

    expect(state.resolve(OURS, [])).toBeUndefined();
    expect(questions).toEqual([]);
  });

  it('pins a call to where its ids are, without a promise when it was there that they came from', () => {
    const { state, questions } = stateOver([]);
    state.remember('ours', AT, [response('r1'), response('r2')]);

    expect(state.resolve(OURS, [named('r1'), named('r2', 'input[0].id')])).toEqual({ ...AT, field: 'previous_response_id' });
    expect(questions).toEqual([]);
  });

  it('asks once for what it does not know', async () => {
    const { state, questions } = stateOver([bound('ours', 'r1')]);

    expect(await state.resolve(OURS, [named('r1')])).toMatchObject(AT);
    expect(state.resolve(OURS, [named('r1')])).toMatchObject(AT);
    expect(questions).toEqual([['response r1']]);
  });

  it('gathers what many calls ask for, one question at a time', async () => {
    const { state, questions } = stateOver([bound('ours', 'r1'), bound('ours', 'r2'), bound('ours', 'r3')]);
    const first = [state.resolve(OURS, [named('r1')]), state.resolve(OURS, [named('r2')])];
    await nextTurn();
    const second = [state.resolve(OURS, [named('r3')]), state.resolve(OURS, [named('r3')])];

    await Promise.all([...first, ...second]);

    expect(questions).toEqual([['response r1', 'response r2'], ['response r3']]);
  });

  it('says the same of what nobody has and of what another has', async () => {
    const { state, questions } = stateOver([bound('theirs', 'r1')]);
    state.remember('theirs', AT, [response('r2')]);

    const errors = await Promise.all(['r1', 'r2', 'r3', '', 'ü', '\0', 'x'.repeat(1_000)].map((id) => refusal(state, [named(id)])));

    expect(new Set(errors.map((error) => JSON.stringify(error)))).toEqual(
      new Set([JSON.stringify({ kind: 'not_found', message: errors[0]!.message, param: 'previous_response_id' })]),
    );
    expect(errors[0]!.message).toContain('`previous_response_id` names nothing that this key can use');
    expect(new Set(questions.flat())).toEqual(new Set(['response r1', 'response r2', 'response r3']));
  });

  it('lets a key that may use what is not known, but not what is another’s', async () => {
    const { state } = stateOver([bound('theirs', 'r1')]);
    const trusted = { tenant: 'ours', allowProviderState: true };

    expect(await state.resolve(trusted, [named('r2')])).toBeUndefined();
    expect(await refusal(state, [named('r2'), named('r1', 'input[0].id')], trusted)).toMatchObject({
      kind: 'not_found',
      param: 'input[0].id',
    });
  });

  it('pins a call to what is known among what is not', async () => {
    const { state } = stateOver([bound('ours', 'r1')]);

    expect(await state.resolve({ tenant: 'ours', allowProviderState: true }, [named('r2'), named('r1', 'input[0].id')])).toEqual({
      ...AT,
      field: 'input[0].id',
    });
  });

  it('refuses ids of different accounts, and finds the one account that has them all', async () => {
    const { state } = stateOver([bound('ours', 'r1'), bound('ours', 'r1', ELSEWHERE), bound('ours', 'r2', ELSEWHERE), bound('ours', 'r3')]);

    expect(await state.resolve(OURS, [named('r1'), named('r2')])).toMatchObject(ELSEWHERE);
    expect(await refusal(state, [named('r2'), named('r3', 'input[0].id')])).toEqual({
      kind: 'invalid_request',
      message: '`previous_response_id` and `input[0].id` are kept by different provider accounts. Send ids of one account.',
      param: 'input[0].id',
    });
  });

  it('looks twice, for another replica may have handed the id out a moment ago', async () => {
    const { state, rows, questions, firstAnswer } = stateOver([]);
    const answer = state.resolve(OURS, [named('r1')]);
    await firstAnswer;

    rows.push(bound('ours', 'r1'));

    expect(await answer).toMatchObject(AT);
    expect(questions).toHaveLength(2);
  });

  it('keeps the first binding, in memory as in the database', async () => {
    const { state, rows } = stateOver([bound('theirs', 'r1')]);
    state.remember('ours', AT, [response('r2')]);
    state.remember('theirs', AT, [response('r2')]);
    state.remember('ours', AT, [response('r1')]);
    await state.onApplicationShutdown();

    expect(rows.map(({ tenant, id }) => `${tenant} ${id}`)).toEqual(['theirs r1', 'ours r2']);
    expect(await refusal(state, [named('r1')])).toMatchObject({ kind: 'not_found' });
    expect(await refusal(state, [named('r2')], { tenant: 'theirs' })).toMatchObject({ kind: 'not_found' });
  });

  it('does not bind what no provider makes', async () => {
    const { state, rows } = stateOver([]);

    state.remember('ours', AT, ['', 'a b', '\0', 'x'.repeat(257)].map(response));
    await state.onApplicationShutdown();

    expect(rows).toEqual([]);
  });

  it('forgets what was not used for longest, and asks for it again', async () => {
    const { state, questions } = stateOver([], { maxKnown: 2 });
    state.remember('ours', AT, [response('r1'), response('r2')]);
    await state.resolve(OURS, [named('r1')]);
    state.remember('ours', AT, [response('r3')]);
    await state.onApplicationShutdown();

    await state.resolve(OURS, [named('r1')]);
    await state.resolve(OURS, [named('r2')]);

    expect(questions).toEqual([['response r2']]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('refused'))],
    ['hangs', () => new Promise<never>(() => {})],
  ])('passes nothing that it cannot check while the database %s', async (_fault, load) => {
    const { state } = stateOver([], { waitMs: 1 }, load);
    state.remember('ours', AT, [response('r1')]);

    expect(await refusal(state, [named('r2')], { tenant: 'ours', allowProviderState: true })).toMatchObject({
      kind: 'service_unavailable',
    });
    expect(await refusal(state, [named('r1'), named('r2')])).toMatchObject({ kind: 'service_unavailable' });
    expect(state.resolve(OURS, [named('r1')])).toMatchObject(AT);
  });

  it('turns a flood away', async () => {
    const { state, questions } = stateOver([], { maxAsked: 10 });

    const errors = await Promise.all(Array.from({ length: 20 }, (_, at) => refusal(state, [named(`r${at}`)])));

    expect(errors.filter(({ kind }) => kind === 'service_unavailable')).toHaveLength(9);
    expect(questions[0]).toHaveLength(11);
  });

  it('tries again to store what could not be, and says so once', async () => {
    let failures = 3;
    const { state, rows, logged } = stateOver([], { retryMs: 0 }, undefined, () => failures-- > 0);

    state.remember('ours', AT, [response('r1')]);
    await state.onApplicationShutdown();

    expect(rows).toHaveLength(1);
    expect(logged).toEqual(['provider_ids_delayed', 'provider_ids_resumed']);
  });

  it('leaves out what is too much to keep, and what the database never took, and says so', async () => {
    const { state, rows, logged } = stateOver([], { maxWaiting: 2, closeMs: 1 }, undefined, () => true);

    state.remember('ours', AT, ['r1', 'r2', 'r3', 'r4'].map(response));
    await state.onApplicationShutdown();

    expect(rows).toEqual([]);
    expect(logged[0]).toBe('provider_ids_unstored');
  });
});

/** A state over a table that takes a turn to answer. */
function stateOver(
  rows: Binding[],
  limits: Partial<ProviderStateLimits> = {},
  load?: () => Promise<readonly Binding[]>,
  isAway: () => boolean = () => false,
) {
  let begin!: () => void;
  const firstAnswer = new Promise<void>((resolve) => (begin = resolve));
  const questions: string[][] = [];
  const logged: string[] = [];
  const note = ({ event }: { event: string }): void => void logged.push(event);
  const store = {
    load: async (ids: readonly ProviderId[]) => {
      questions.push(ids.map(toIdKey));
      const found = rows.filter((row) => ids.some((id) => toIdKey(id) === toIdKey(row)));
      await nextTurn();
      begin();
      return load ? load() : found;
    },
    insert: async (bindings: readonly Binding[]) => {
      await nextTurn();
      if (isAway()) throw new Error('refused');
      const made = bindings.filter((one) => !rows.some((row) => toIdKey(row) === toIdKey(one) && isSamePlace(row, one)));
      rows.push(...made);
      return made;
    },
  };
  const log = { warn: note, error: note, info: note } as unknown as Log;
  const clock = { now: () => 0, elapsed: () => 0 };
  const state = new StoredProviderState(store, clock, log, { ...PROVIDER_STATE_LIMITS, secondLookMs: 0, ...limits });
  return { state, rows, questions, firstAnswer, logged };
}

function response(id: string): ProviderId {
  return { kind: 'response', id };
}

function named(id: string, field = 'previous_response_id'): NamedProviderId {
  return { kind: 'response', id, field };
}

function bound(tenant: string, id: string, at = AT): Binding {
  return { kind: 'response', id, ...at, tenant };
}

async function refusal(
  state: StoredProviderState,
  ids: readonly NamedProviderId[],
  caller: { tenant: string; allowProviderState?: boolean } = OURS,
) {
  try {
    await state.resolve(caller, ids);
  } catch (error) {
    const { kind, message, details } = error as { kind: string; message: string; details: { param?: string } };
    return { kind, message, param: details.param };
  }
  throw new Error('expected a refusal');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
