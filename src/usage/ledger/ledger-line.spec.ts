import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CallRecord } from '../../core/call.js';
import { NO_USAGE } from '../../core/usage.js';
import { toLedgerLine } from './ledger-line.js';
import { callRecord } from '../../../test/support/call-record.js';

const parse = (record: CallRecord): Record<string, unknown> => JSON.parse(toLedgerLine(record)) as Record<string, unknown>;

describe('toLedgerLine', () => {
  it('is a log line first and a ledger row after it', () => {
    const line = toLedgerLine(callRecord());

    expect(line).toMatch(/^\{"level":30,"time":1767225600750,"event":"response_generated","admitted_at":"2026-01-01T00:00:00.000Z",/);
    expect(JSON.parse(line)).toEqual({
      level: 30,
      time: 1_767_225_600_750,
      event: 'response_generated',
      admitted_at: '2026-01-01T00:00:00.000Z',
      call_id: '019b76da-a800-7000-8000-000000000001',
      request_id: 'req_1',
      key_id: 'key-1',
      tenant: 'team-1',
      user_id: 'ann',
      surface: 'openai-chat',
      streamed: true,
      model_asked: 'fast',
      provider: 'openai',
      model: 'gpt-4o',
      status: 200,
      ending: 'complete',
      input_tokens: 1_000,
      cache_read_tokens: 2_000,
      cache_write_5m_tokens: 3,
      cache_write_1h_tokens: 4,
      output_tokens: 500,
      reasoning_tokens: 400,
      audio_input_tokens: 5,
      audio_output_tokens: 6,
      image_tokens: 7,
      usage_source: 'provider',
      cost_nano_usd: 10_000_000,
      failed_cost_nano_usd: 5_000,
      price_version: 'genai-prices@0.1.8',
      price_id: '0123456789abcdef0123456789abcdef',
      tier_above: 272_000,
      service_tier: 'priority',
      duration_ms: 750,
      first_token_ms: 120,
      overhead_us: 431,
      tags: { app: 'search' },
      budgets: ['019b76da-a800-7000-8000-0000000000b1@1767225600000'],
      attempts: [
        {
          provider: 'azure',
          model: 'gpt-4o',
          started_ms: 1,
          duration_ms: 40,
          outcome: 'upstream_unavailable',
          reason: 'connect ECONNREFUSED',
        },
        { provider: 'openai', model: 'gpt-4o', started_ms: 41, duration_ms: 709, outcome: 'answered' },
      ],
    });
  });

  it('warns of failures on our side of the client, and of no others', () => {
    const failed = { ending: 'failed', status: 503, model: undefined, provider: undefined, priceVersion: undefined } as const;

    expect(parse(callRecord({ ...failed, errorKind: 'upstream_unavailable' }))).toMatchObject({
      level: 40,
      event: 'request_failed',
      error_kind: 'upstream_unavailable',
    });
    expect(parse(callRecord({ ...failed, errorKind: 'upstream_rejected' }))).toMatchObject({ level: 30, event: 'request_failed' });
    expect(parse(callRecord({ ending: 'client_gone', errorKind: 'client_closed', status: 499 }))).toMatchObject({ level: 30 });
  });

  it('leaves out what there was none of', () => {
    const line = parse(
      callRecord({
        usage: NO_USAGE,
        provider: undefined,
        model: undefined,
        firstTokenMs: undefined,
        priceVersion: undefined,
        priceId: undefined,
        tierAbove: undefined,
        serviceTier: undefined,
        failedCostNanoUsd: 0n,
      }),
    );

    const absent = ['provider', 'model', 'error_kind', 'first_token_ms', 'price_version', 'provider_cost_nano_usd', 'cache_read_tokens'];
    absent.push('price_id', 'tier_above', 'service_tier', 'failed_cost_nano_usd');
    for (const name of absent) expect(line).not.toHaveProperty(name);
    expect(line).toMatchObject({ input_tokens: 0, output_tokens: 0 });
  });

  it('says what attempts used and cost that made no answer', () => {
    const failed = { provider: 'azure', model: 'gpt-4o', startedMs: 1, durationMs: 40, outcome: 'upstream_protocol' } as const;
    const line = parse(
      callRecord({
        failedCostNanoUsd: 9_007_199_254_740_993n,
        attempts: [
          {
            ...failed,
            usage: { ...NO_USAGE, input: 20, cacheWrite5m: 3, output: 7, audioOutput: 1, reasoning: 5 },
            costNanoUsd: 9_007_199_254_740_993n,
            priceId: 'abc',
            serviceTier: 'flex',
          },
          { ...failed, usage: { ...NO_USAGE, input: 1 } },
        ],
      }),
    );

    expect(line['attempts']).toEqual([
      {
        provider: 'azure',
        model: 'gpt-4o',
        started_ms: 1,
        duration_ms: 40,
        outcome: 'upstream_protocol',
        usage: { input: 20, cache_write_5m: 3, output: 7, audio_output: 1 },
        cost_nano_usd: '9007199254740993',
        price_id: 'abc',
        service_tier: 'flex',
      },
      { provider: 'azure', model: 'gpt-4o', started_ms: 1, duration_ms: 40, outcome: 'upstream_protocol', usage: { input: 1 } },
    ]);
    expect(toLedgerLine(callRecord({ failedCostNanoUsd: 9_007_199_254_740_993n }))).toContain('"failed_cost_nano_usd":9007199254740993,');
  });

  it('writes money digit by digit, also past what a float holds', () => {
    const line = toLedgerLine(callRecord({ costNanoUsd: 8_999_999_999_999_999_999n, providerCostNanoUsd: 9_007_199_254_740_993n }));

    expect(line).toContain('"cost_nano_usd":8999999999999999999,');
    expect(line).toContain('"provider_cost_nano_usd":9007199254740993,');
  });

  it('keeps what no column can hold inside its bounds instead of losing the row', () => {
    const usage = { ...NO_USAGE, input: 1e12, output: Number.NaN, image: -3 };

    expect(parse(callRecord({ usage, costNanoUsd: 10n ** 30n, durationMs: 12.6, firstTokenMs: undefined }))).toMatchObject({
      input_tokens: 2_147_483_647,
      output_tokens: 0,
      image_tokens: 0,
      cost_nano_usd: Number(2n ** 63n - 1n),
      duration_ms: 13,
    });
  });

  it('carries any text that callers and providers may send, less what Postgres cannot store', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (written) => {
        const line = parse(withUser(written));

        expect(line['user_id']).toBe(written.replaceAll('\0', '\ufffd'));
      }),
    );
    expect(parse(withUser('a\ud800b\0c'))['user_id']).toBe('a\ufffdb\ufffdc');
    expect(parse(withUser('"\n\\'))['user_id']).toBe('"\n\\');
    expect(parse(withUser('x'.repeat(100_000)))['user_id']).toHaveLength(512);
  });
});

function withUser(userId: string): CallRecord {
  const record = callRecord();
  return { ...record, call: { ...record.call, userId } };
}
