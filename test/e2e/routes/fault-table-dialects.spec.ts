import { describe, expect, it } from '@jest/globals';
import { PROVIDER_KEY } from '../../support/gateway.js';
import { MESSAGES, RESPONSES } from '../providers/clients.js';
import { casesOf, FALLBACK, FaultStage, type FaultCase, type Outcome } from './fault-stage.js';
import { AFTER_THE_FIRST_EVENT, BEFORE_THE_FIRST_EVENT } from './faults.js';
import type { Told } from './told.js';

/** The provider speaks Chat Completions: what these clients hear of it is translated, its errors too. */
const CLIENTS = [MESSAGES, RESPONSES];
const SECRETS = new RegExp(`${PROVIDER_KEY}|<h1>|127\\.0\\.0\\.1`);
const before = casesOf(BEFORE_THE_FIRST_EVENT, CLIENTS);
const after = casesOf(AFTER_THE_FIRST_EVENT, CLIENTS);

function expectErrorOf({ client, told, stream }: FaultCase<Told>, { answer, requestId }: Outcome): void {
  const isAnthropic = client === MESSAGES;
  const { error, text, finish } = client.hear(answer, stream && answer.status === 200);
  expect(error).toEqual({
    type: isAnthropic ? told.type.anthropic : told.type.openai,
    code: told.code ?? undefined,
    message: expect.any(String),
    requestId,
  });
  // An answer that was cut is never taken for a whole one.
  expect(finish).toBeUndefined();
  expect(text).toBe(answer.status === 200 ? 'Hello' : '');
  expect(answer.headers['request-id']).toBe(isAnthropic || answer.status !== 200 ? requestId : undefined);
  expect(answer.body.toString()).not.toMatch(SECRETS);
}

describe('a client of another dialect, with nobody behind its provider, is told in its own words of', () => {
  const stage = FaultStage.set(before, { hasFallback: false });

  it.each(stage.rows)('%s', async (_, one) => {
    const outcome = await stage.outcome(one);
    const { told } = one;

    expect(outcome.answer.status).toBe(told.status);
    expectErrorOf(one, outcome);
    expect(outcome.row).toMatchObject({ status: told.status, ending: told.ending, error_kind: told.kind, output_tokens: 0 });
  });
});

describe('a client of another dialect, with another provider behind its own, is answered in spite of', () => {
  const stage = FaultStage.set(
    before.filter(({ told }) => !told.isFinal),
    { hasFallback: true },
  );

  it.each(stage.rows)('%s', async (_, one) => {
    const { answer, row } = await stage.outcome(one);

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-tollgate-attempts': '2', 'x-tollgate-provider': FALLBACK });
    expect(one.client.hear(answer, one.stream)).toMatchObject({ text: one.stream ? 'Hello' : 'Hello.', error: undefined });
    expect(row).toMatchObject({ ending: 'complete', error_kind: null });
    expect(row.attempts).toMatchObject([{ outcome: one.told.kind }, { provider: FALLBACK, outcome: 'answered' }]);
  });
});

describe('a client of another dialect has its stream ended by an error event of its own for', () => {
  const stage = FaultStage.set(after, { hasFallback: true });

  it.each(stage.rows)('%s', async (_, one) => {
    const outcome = await stage.outcome(one);
    const { told } = one;

    expect(outcome.answer.status).toBe(200);
    expectErrorOf(one, outcome);
    expect(outcome.row).toMatchObject({ status: 200, ending: told.ending, error_kind: told.kind, usage_source: 'counted' });
    expect(outcome.row.attempts).toMatchObject([{ provider: one.id, outcome: told.kind }]);
    expect([outcome.asked, outcome.fallbackAsked]).toEqual([1, 0]);
  });
});
