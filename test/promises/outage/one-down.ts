import { arrive } from '../arrivals.js';
import type { StartGateway } from '../gateway-under-drill.js';
import { readRecorded, type RecordedAttempt } from '../recorded-attempts.js';
import { atLeast, atMost, exactly, type Figure, percentile, type Report, told } from '../report.js';
import { StubProvider } from '../stub-provider.js';
import { closedWithinMs, MAX_AMPLIFICATION, OPEN_WITHIN_MS, type OutagePlan } from './outage-plan.js';
import { SdkClients } from './sdk-clients.js';

const FIRST = 'first';
const SECOND = 'second';

/** How a provider goes down. */
export type Downfall = 'refuses connections' | 'answers 500';

/** One of two providers is down for a while under load: the other serves every call, and hardly anybody asks in vain. */
export async function oneDown(plan: OutagePlan, startGateway: StartGateway, downfall: Downfall): Promise<Report> {
  const first = await StubProvider.start();
  const second = await StubProvider.start();
  const providers = [
    { name: FIRST, baseUrl: first.baseUrl },
    { name: SECOND, baseUrl: second.baseUrl },
  ];
  const gateway = await startGateway({ providers, breaker: plan.breaker });
  try {
    const clients = new SdkClients(gateway);
    const load = (forMs: number): Promise<void> => arrive(plan.callsPerSecond, forMs, () => clients.call());
    await load(plan.healthMs);
    const downAtMs = Date.now();
    if (downfall === 'answers 500') first.fail();
    else first.kill();
    await load(plan.outageMs);
    const upAtMs = Date.now();
    await first.revive();
    await load(plan.recoveryMs);
    await clients.settled();
    const { rows, attempts } = await readRecorded(gateway.databaseUrl, clients.requests);
    const journalled = first.journal.length + second.journal.length;
    return {
      title: `One of two providers ${downfall} for ${plan.outageMs / 1_000} s under ${plan.callsPerSecond} calls/s`,
      figures: [
        ...figuresOfCalls(clients, downAtMs, upAtMs),
        exactly('requests without a row of the ledger', clients.requests - rows, 0),
        atMost('requests at providers that no row names', journalled - attempts.length, 0),
        atMost('amplification', attempts.length / clients.calls.length, MAX_AMPLIFICATION),
        ...figuresOfBreaker(plan, attempts, { downAtMs, upAtMs }),
        atMost('calls to the first again after its recovery', closedAfter(clients, upAtMs), closedWithinMs(plan), ' ms'),
      ],
    };
  } finally {
    await gateway.stop();
    first.kill();
    second.kill();
  }
}

function figuresOfCalls({ calls, requests }: SdkClients, downAtMs: number, upAtMs: number): readonly Figure[] {
  const tookMs = (fromMs: number, toMs: number): number[] =>
    calls.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map((call) => call.tookMs);
  const inMs = (values: number[]): string => `${percentile(values, 0.5).toFixed(1)} / ${percentile(values, 0.99).toFixed(1)} ms`;
  const failed = calls.filter(({ error }) => error !== undefined);
  return [
    told('calls of clients', calls.length),
    told('requests of their libraries', requests),
    exactly('calls that were not served', failed.length, 0),
    ...(failed.length > 0 ? [told('the first of them', failed[0]!.error!)] : []),
    told('p50 / p99 in health', inMs(tookMs(0, downAtMs))),
    told('p50 / p99 in the outage', inMs(tookMs(downAtMs, upAtMs))),
  ];
}

function figuresOfBreaker(
  plan: OutagePlan,
  attempts: readonly RecordedAttempt[],
  { downAtMs, upAtMs }: { readonly downAtMs: number; readonly upAtMs: number },
): readonly Figure[] {
  const inVain = attempts.filter(({ provider, atMs }) => provider === FIRST && atMs >= downAtMs && atMs < upAtMs).map(({ atMs }) => atMs);
  // It opened where nobody asked any more for at least half of the time that it stays open.
  const last = inVain.findIndex((atMs, at) => (inVain[at + 1] ?? upAtMs) - atMs > plan.breaker.openMs / 2);
  const openedAfterMs = last < 0 ? Infinity : inVain[last]! - downAtMs;
  return [
    atMost('breaker open after', openedAfterMs, OPEN_WITHIN_MS + plan.slackMs, ' ms'),
    told('attempts in vain until then', last + 1),
    told('probes while it was open', inVain.length - last - 1),
    atLeast('attempts in vain', inVain.length, 1),
  ];
}

/** Milliseconds until the last call that the second provider still had to serve. */
function closedAfter({ calls }: SdkClients, upAtMs: number): number {
  const after = calls.filter(({ atMs }) => atMs >= upAtMs).toSorted((a, b) => a.atMs - b.atMs);
  if (after.at(-1)?.provider !== FIRST) return Infinity;
  const last = after.findLast(({ provider }) => provider === SECOND);
  return last ? last.atMs - upAtMs : 0;
}
