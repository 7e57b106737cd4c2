import type { CallRecord } from '../../src/core/call.js';
import { NO_USAGE } from '../../src/core/usage.js';

/** A streamed call with every figure set, admitted at the first moment of 2026. */
export function callRecord(overrides: Partial<CallRecord> = {}): CallRecord {
  return {
    call: {
      callId: '019b76da-a800-7000-8000-000000000001',
      requestId: 'req_1',
      admittedAt: Date.UTC(2026, 0, 1),
      caller: { keyId: 'key-1', keyName: 'first', role: 'client', tenant: 'team-1' },
      request: {
        dialect: 'openai-chat',
        text: '{}',
        parsed: {},
        headers: {},
        strict: false,
        raw: Buffer.from('{"messages":[{"role":"user","content":"a secret prompt"}]}'),
        members: [],
        modelAsked: 'fast',
        providerAsked: undefined,
        hasProviderPreferences: false,
        stream: true,
        wantsUsage: false,
        choices: 1,
        userId: 'ann',
      },
      userId: 'ann',
      tags: { app: 'search' },
    },
    provider: 'openai',
    model: 'gpt-4o',
    metricModel: 'gpt-4o',
    status: 200,
    ending: 'complete',
    errorKind: undefined,
    usage: {
      ...NO_USAGE,
      input: 1_000,
      cacheRead: 2_000,
      cacheWrite5m: 3,
      cacheWrite1h: 4,
      output: 500,
      reasoning: 400,
      audioInput: 5,
      audioOutput: 6,
      image: 7,
    },
    usageSource: 'provider',
    costNanoUsd: 10_000_000n,
    priceVersion: 'genai-prices@0.1.8',
    providerCostNanoUsd: undefined,
    durationMs: 750,
    firstTokenMs: 120,
    overheadUs: 431,
    attempts: [
      { provider: 'azure', model: 'gpt-4o', startedMs: 1, durationMs: 40, outcome: 'upstream_unavailable', reason: 'connect ECONNREFUSED' },
      { provider: 'openai', model: 'gpt-4o', startedMs: 41, durationMs: 709, outcome: 'answered' },
    ],
    budgets: ['019b76da-a800-7000-8000-0000000000b1@1767225600000'],
    ...overrides,
  };
}
