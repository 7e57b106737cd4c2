import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import type { Hold } from './admission.js';
import { LocalAdmission } from './local-admission.js';

describe('LocalAdmission', () => {
  it('tells how much of the tightest window is left', () => {
    const { admit } = admissionWith({ requestsPerMinute: 60, requestsPerHour: 1_000 });

    admit();

    expect(admit()).toMatchObject({ limit: 60, remaining: 58, resetMs: 60_000 });
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

  it('consumes nothing when it refuses', () => {
    const { admit, clock } = admissionWith({ requestsPerMinute: 1, requestsPerHour: 3 });
    admit();
    for (let refused = 0; refused < 100; refused += 1) refusalOf(admit);

    clock.ms = 60_000;

    expect(admit()).toMatchObject({ limit: 1, remaining: 0 });
    clock.ms = 120_000;
    expect(admit()).toMatchObject({ remaining: 0 });
    clock.ms = 180_000;
    expect(refusalOf(admit).message).toBe('This key has reached its limit of 3 requests per hour. Try again in 57 min.');
  });

  it('counts each key alone', () => {
    const { admit } = admissionWith({ requestsPerMinute: 1 });
    admit('a');

    expect(admit('b')).toMatchObject({ remaining: 0 });
    expect(refusalOf(() => admit('a')).kind).toBe('rate_limited');
  });

  it('limits nothing where the limits are 0', () => {
    const { admit } = admissionWith({});

    for (let call = 0; call < 5_000; call += 1) admit();

    expect(admit()).toMatchObject({ limit: 0, remaining: 0, resetMs: 0 });
  });

  it('admits no more calls at once than it may, and gives a place back once', () => {
    const { admission, admit } = admissionWith({ concurrency: 2 });
    const first = admit();
    admit();
    expect(refusalOf(admit).message).toContain('2 calls at the same time');

    admission.settle(first);
    admission.settle(first);

    admit();
    expect(refusalOf(admit).kind).toBe('rate_limited');
  });

  it('holds keys to new limits as soon as the configuration has them, and forgets no call', () => {
    const { admit, limitTo } = admissionWith({ requestsPerMinute: 3 });
    admit();
    admit();

    limitTo({ requestsPerMinute: 2, requestsPerHour: 100 });
    expect(refusalOf(admit).message).toContain('2 requests per minute');

    limitTo({ requestsPerMinute: 5, concurrency: 2 });
    expect(refusalOf(admit).message).toContain('2 calls at the same time');

    limitTo({ requestsPerMinute: 5 });
    expect(admit()).toMatchObject({ limit: 5, remaining: 2 });

    limitTo({});
    expect(admit()).toMatchObject({ limit: 0, remaining: 0 });
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
    for (let key = 0; key < 1_000; key += 1) admission.settle(admit(`key-${key}`));

    clock.ms = 120_000;
    for (let call = 0; call < 3_000; call += 1) {
      clock.ms += 1_100;
      admission.settle(admit('busy'));
    }

    expect(admission.size).toBe(1);
  });
});

function admissionWith(limits: { requestsPerMinute?: number; requestsPerHour?: number; concurrency?: number }) {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const none = { requestsPerMinute: 0, requestsPerHour: 0, tokensPerMinute: 0, concurrency: 0 };
  const config = { limits: { ...none, ...limits } };
  const limitTo = (others: typeof limits): void => void (config.limits = { ...none, ...others });
  const admission = new LocalAdmission(config, clock);
  let calls = 0;
  const own: { requestsPerMinute?: number; concurrency?: number } = {};
  const admit = (keyId = 'key'): Hold => admission.admit({ callId: `call-${(calls += 1)}`, caller: { ...callerWith(keyId), ...own } });
  return { admission, admit, clock, limitTo, own };
}

function callerWith(keyId: string): Caller {
  return { keyId, keyName: keyId, role: 'client', tenant: keyId };
}

function refusalOf(admit: () => Hold): GatewayError {
  try {
    admit();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('expected a refusal');
}
