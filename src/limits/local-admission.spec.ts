import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import { Settlement, type Settled } from '../core/settlement.js';
import { NO_USAGE } from '../core/usage.js';
import type { Hold } from './admission.js';
import { configuredBounds } from './configured-bounds.js';
import { LocalAdmission } from './local-admission.js';

describe('LocalAdmission', () => {
  it('tells how much of the tightest rate is left', () => {
    const { admit } = admissionWith({ requestsPerMinute: 60, requestsPerHour: 1_000 });

    admit();

    expect(admit().requests).toEqual({ limit: 60, remaining: 58, resetMs: 60_000 });
  });

  it('refuses past the limit, naming it and when it resets', () => {
    const { admit, clock } = admissionWith({ requestsPerMinute: 2 });
    admit();
    clock.ms = 50_000;
    admit();

    const refusal = refusalOf(admit);

    expect(refusal.kind).toBe('rate_limited');
    expect(refusal.message).toBe('This key has reached its limit of 2 requests per minute. Try again in 10 s.');
    expect(refusal.details.retryAfterMs).toBe(10_000);
  });

  it('counts each key alone', () => {
    const { admit } = admissionWith({ requestsPerMinute: 1 });
    admit('a');

    expect(admit('b').requests).toMatchObject({ remaining: 0 });
    expect(refusalOf(() => admit('a')).kind).toBe('rate_limited');
  });

  it('limits nothing where the limits are 0', () => {
    const { admission, admit } = admissionWith({});

    for (let call = 0; call < 5_000; call += 1) admit();

    expect(admit()).toMatchObject({ requests: undefined, tokens: undefined });
    expect(admission.size).toBe(0);
  });

  it('admits no more calls at once than it may, and gives a place back once', () => {
    const { admission, admit } = admissionWith({ concurrency: 2 });
    const first = admit();
    admit();
    expect(refusalOf(admit).message).toContain('2 calls at the same time');

    admission.settle(first, settlementOf(0));
    admission.settle(first, settlementOf(0));

    admit();
    expect(refusalOf(admit).kind).toBe('rate_limited');
  });

  it('gives a place back at once, and the tokens when it is known what was used', () => {
    const { admission, admit } = admissionWith({ concurrency: 1, tokensPerMinute: 1_000 });
    const settlement = new Settlement();
    const first = admit('key', { max_tokens: 890 });
    expect(first.tokens).toMatchObject({ limit: 1_000, remaining: 100 });

    admission.settle(first, settlement);

    expect(refusalOf(() => admit('key', { max_tokens: 100 })).message).toBe(
      'This key has used 900 of its 1000 tokens per minute, and this call may take up to 110. Try again in 1 min.',
    );
    settlement.settle(settledWith(40));
    expect(admit('key', { max_tokens: 100 }).tokens).toMatchObject({ remaining: 850 });
  });

  it('holds each answer at its full length', () => {
    const { admit } = admissionWith({ tokensPerMinute: 1_000 });

    expect(admit('key', { max_completion_tokens: 100 }, 3).tokens).toMatchObject({ remaining: 690 });
    expect(admit('key', { max_output_tokens: 100 }, 1).tokens).toMatchObject({ remaining: 580 });
  });

  it('holds keys to new limits as soon as the configuration has them, and forgets no call', () => {
    const { admit, limitTo } = admissionWith({ requestsPerMinute: 3 });
    admit();
    admit();

    limitTo({ requestsPerMinute: 2, requestsPerHour: 100 });
    expect(refusalOf(admit).message).toContain('2 requests per minute');

    limitTo({ requestsPerMinute: 5 });
    expect(admit().requests).toMatchObject({ limit: 5, remaining: 2 });

    limitTo({});
    expect(admit().requests).toBeUndefined();
  });

  it('holds a key to its own limits before the configured ones, as soon as it has others', () => {
    const { admission, admit, own } = admissionWith({ requestsPerMinute: 1, concurrency: 5 });
    own.requestsPerMinute = 3;
    own.concurrency = 2;
    const first = admit();
    expect(admit()).toMatchObject({ limit: 3, remaining: 1 });
    expect(refusalOf(admit).message).toContain('2 calls at the same time');
    admission.settle(first);
    admit();
    own.concurrency = 0;
    expect(refusalOf(admit).message).toContain('3 requests per minute');

    own.requestsPerMinute = 0;
    expect(admit()).toMatchObject({ limit: 0 });
    delete own.requestsPerMinute;
    admit('another');
    expect(refusalOf(() => admit('another')).message).toContain('1 request per minute');
  });

  it('forgets keys that have gone quiet', () => {
    const { admission, admit, clock } = admissionWith({ requestsPerMinute: 60 });
    for (let key = 0; key < 1_000; key += 1) admission.settle(admit(`key-${key}`), settlementOf(0));

    clock.ms = 120_000;
    for (let call = 0; call < 3_000; call += 1) {
      clock.ms += 1_100;
      admission.settle(admit('busy'), settlementOf(0));
    }

    expect(admission.size).toBe(1);
  });
});

function admissionWith(limits: { requestsPerMinute?: number; requestsPerHour?: number; tokensPerMinute?: number; concurrency?: number }) {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const none = { requestsPerMinute: 0, requestsPerHour: 0, tokensPerMinute: 0, concurrency: 0 };
  const config = { limits: { ...none, ...limits } };
  const limitTo = (others: typeof limits): void => void (config.limits = { ...none, ...others });
  const admission = new LocalAdmission(configuredBounds(config), clock);
  const raw = Buffer.alloc(40);
  let calls = 0;
  const own: { requestsPerMinute?: number; concurrency?: number } = {};
  const admit = (keyId = 'key', parsed: object = {}, choices = 1): Hold =>
    admission.admit({ callId: `call-${(calls += 1)}`, caller: { ...callerWith(keyId), limits: { ...own } }, request: { raw, parsed, choices } });
  return { admission, admit, clock, limitTo, own };
}

function callerWith(keyId: string): Caller {
  return { keyId, keyName: keyId, role: 'client', tenant: keyId };
}

function settledWith(output: number): Settled {
  return { record: { usage: { ...NO_USAGE, output }, costNanoUsd: 0n } as Settled['record'], line: '' };
}

function settlementOf(output: number): Settlement {
  const settlement = new Settlement();
  settlement.settle(settledWith(output));
  return settlement;
}

function refusalOf(admit: () => Hold): GatewayError {
  try {
    admit();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('expected a refusal');
}
