import { describe, expect, it } from '@jest/globals';
import { PROVIDER_KEY } from '../../support/gateway.js';
import { expectInTime } from '../../support/in-time.js';
import { CHAT } from '../providers/clients.js';
import { SHORT } from '../upstream-failures/deadlines.js';
import { expectErrorShape, errorOf, type WireError } from '../wire-error.js';
import { casesOf, FALLBACK, FaultStage, type FaultCase, type Outcome } from './fault-stage.js';
import { AFTER_THE_FIRST_EVENT, BEFORE_THE_FIRST_EVENT, BEGUN, FRAMES, NO_FAULT, WHOLE } from './faults.js';
import type { Told } from './told.js';

const SECRETS = new RegExp(`${PROVIDER_KEY}|<h1>|127\\.0\\.0\\.1`);
const COMMENTS = /^:[^\n]*\n\n/gm;
/** How much of a date may have passed until it is told. */
const DATE_SLACK_MS = 60_000;

const before = casesOf(BEFORE_THE_FIRST_EVENT, [CHAT]);
const after = casesOf(AFTER_THE_FIRST_EVENT, [CHAT]);
const none = casesOf(
  NO_FAULT.map(([name, play]) => [name, play, undefined] as const),
  [CHAT],
);

function expectError({ answer, requestId, row, asked, tookMs }: Outcome, one: FaultCase<Told>): void {
  const { told, stream } = one;
  expect(answer.whole).toBe(true);
  expect(answer.status).toBe(told.status);
  expect(errorOf(answer)).toMatchObject({ type: told.type.openai, code: told.code, request_id: requestId });
  expect(answer.body.toString()).not.toMatch(SECRETS);
  expect(answer.headers).toMatchObject({ 'x-tollgate-attempts': '1', 'x-tollgate-provider': one.id });
  expectRetryHeaders(answer.headers, told);
  expect(row).toMatchObject({ status: told.status, ending: told.ending, error_kind: told.kind, first_token_ms: null, output_tokens: 0 });
  expect(row.attempts).toMatchObject([{ provider: one.id, model: one.id, outcome: told.kind }]);
  expect(JSON.stringify(row.attempts)).not.toContain(PROVIDER_KEY);
  expect(asked).toBe(one.play.at === undefined ? 1 : 0);
  if (one.play.isLate) expectInTime(tookMs, stream ? SHORT.firstTokenMs : SHORT.totalMs);
}

/** A client may always try again by itself here: the gateway has not. */
function expectRetryHeaders(headers: Readonly<Record<string, string>>, { retryAfterMs, isDated }: Told): void {
  expect(headers).not.toHaveProperty('x-should-retry');
  const ms = headers['retry-after-ms'];
  if (retryAfterMs === undefined) {
    expect([ms, headers['retry-after']]).toEqual([undefined, undefined]);
  } else {
    expect(Number(ms)).toBeLessThanOrEqual(retryAfterMs);
    expect(Number(ms)).toBeGreaterThanOrEqual(retryAfterMs - (isDated ? DATE_SLACK_MS : 0));
    expect(Number(headers['retry-after'])).toBe(Math.ceil(Number(ms) / 1_000));
  }
}

/** The frames that came whole, then one error event and nothing else. */
function expectErrorEvent({ answer, requestId, row, asked, fallbackAsked, tookMs }: Outcome, one: FaultCase<Told>): void {
  const { told } = one;
  const text = answer.body.toString().replace(COMMENTS, '');
  const begun = BEGUN.join('');
  expect([answer.status, answer.whole]).toEqual([200, true]);
  expect(text.slice(0, begun.length)).toBe(begun);
  const tail = text.slice(begun.length);
  expect(tail).toMatch(/^data: [^\n]+\n\n$/);
  const { error } = JSON.parse(tail.slice('data: '.length)) as { readonly error: WireError };
  expectErrorShape(error);
  expect(error).toMatchObject({ type: told.type.openai, code: told.code, request_id: requestId });
  expect(tail).not.toMatch(SECRETS);
  expect(row).toMatchObject({ status: 200, streamed: true, ending: told.ending, error_kind: told.kind, usage_source: 'counted' });
  expect(row.attempts).toMatchObject([{ provider: one.id, model: one.id, outcome: told.kind }]);
  expect(row.output_tokens).toBeGreaterThan(0);
  expect(row.first_token_ms).not.toBeNull();
  expect([asked, fallbackAsked]).toEqual([1, 0]);
  if (one.play.isLate) expectInTime(tookMs, SHORT.totalMs);
}

/** The fallback's answer, and nothing of what came before it but the count. */
function expectHidden({ answer, row, fallbackAsked }: Outcome, one: FaultCase<Told>): void {
  expect([answer.status, answer.whole]).toEqual([200, true]);
  expect(answer.body.toString()).toBe(one.stream ? FRAMES.join('') : JSON.stringify(WHOLE));
  expect(answer.headers).toMatchObject({ 'x-tollgate-attempts': '2', 'x-tollgate-provider': FALLBACK });
  expect(answer.headers).not.toHaveProperty('x-should-retry');
  expect(answer.headers).not.toHaveProperty('retry-after');
  expect(row).toMatchObject({ provider: FALLBACK, status: 200, ending: 'complete', error_kind: null });
  expect(row.attempts).toMatchObject([
    { provider: one.id, outcome: one.told.kind },
    { provider: FALLBACK, outcome: 'answered' },
  ]);
  expect(fallbackAsked).toBe(1);
}

describe('a provider with nobody behind it: the client is told, as the ledger is, of', () => {
  const stage = FaultStage.set(before, { hasFallback: false });

  it.each(stage.rows)('%s', async (_, one) => expectError(await stage.outcome(one), one));
});

describe('a provider with another behind it', () => {
  const stage = FaultStage.set(before, { hasFallback: true });
  const final = stage.rows.filter(([, { told }]) => told.isFinal);
  const hidden = stage.rows.filter(([, { told }]) => !told.isFinal);

  it.each(hidden)('has its fault hidden by the answer of the other: %s', async (_, one) => expectHidden(await stage.outcome(one), one));

  it.each(final)('is believed in what is wrong with the request: %s', async (_, one) => {
    const outcome = await stage.outcome(one);

    expectError(outcome, one);
    expect(outcome.fallbackAsked).toBe(0);
  });
});

describe('a stream that has begun ends with an error event, whoever else could answer, for', () => {
  const stage = FaultStage.set(after, { hasFallback: true });

  it.each(stage.rows)('%s', async (_, one) => expectErrorEvent(await stage.outcome(one), one));
});

describe('an answer is whole in spite of', () => {
  const stage = FaultStage.set(none, { hasFallback: true });

  it.each(stage.rows)('%s', async (_, one) => {
    const { answer, row, fallbackAsked } = await stage.outcome(one);

    expect([answer.status, answer.whole]).toEqual([200, true]);
    expect(answer.body.toString()).toBe(one.stream ? FRAMES.join('') : JSON.stringify(WHOLE));
    expect(row).toMatchObject({ status: 200, ending: 'complete', error_kind: null, attempts: [{ provider: one.id, outcome: 'answered' }] });
    expect(fallbackAsked).toBe(0);
  });
});
