import { arrive } from '../arrivals.js';
import type { StartGateway } from '../gateway-under-drill.js';
import { readRecorded } from '../recorded-attempts.js';
import { atMost, exactly, percentile, type Report, told } from '../report.js';
import { StubProvider } from '../stub-provider.js';
import { closedWithinMs, MAX_AMPLIFICATION, OPEN_WITHIN_MS, type OutagePlan, REFUSED_WITHIN_MS } from './outage-plan.js';
import { SdkClients } from './sdk-clients.js';

/** Every provider is down for a while under load: calls are refused at once, and nobody makes the outage worse. */
export async function allDown(plan: OutagePlan, startGateway: StartGateway): Promise<Report> {
  const stubs = [await StubProvider.start(), await StubProvider.start()];
  const providers = stubs.map(({ baseUrl }, at) => ({ name: `provider-${at + 1}`, baseUrl }));
  const gateway = await startGateway({ providers, breaker: plan.breaker });
  try {
    const clients = new SdkClients(gateway);
    const load = (forMs: number): Promise<void> => arrive(plan.callsPerSecond, forMs, () => clients.call());
    await load(plan.healthMs);
    const downAtMs = Date.now();
    for (const stub of stubs) stub.kill();
    await load(plan.outageMs);
    const upAtMs = Date.now();
    for (const stub of stubs) await stub.revive();
    await load(plan.recoveryMs);
    await clients.settled();
    const { rows, attempts } = await readRecorded(gateway.databaseUrl, clients.requests);
    const inVain = attempts.filter(({ outcome }) => outcome !== 'answered');
    const refused = clients.calls.filter(({ atMs }) => atMs >= downAtMs && atMs < upAtMs);
    const steady = refused.filter(({ atMs }) => atMs >= downAtMs + OPEN_WITHIN_MS).map(({ tookMs }) => tookMs);
    const late = clients.calls.filter(({ atMs, error }) => error !== undefined && atMs >= upAtMs + closedWithinMs(plan));
    return {
      title: `All providers down for ${plan.outageMs / 1_000} s under ${plan.callsPerSecond} calls/s`,
      figures: [
        told('calls of clients', clients.calls.length),
        told('requests of their libraries', clients.requests),
        told('calls that nobody could serve', clients.calls.filter(({ error }) => error !== undefined).length),
        exactly('requests without a row of the ledger', clients.requests - rows, 0),
        atMost('amplification', attempts.length / clients.calls.length, MAX_AMPLIFICATION),
        told('attempts in vain', inVain.length),
        told('attempts in vain for each call of the outage', (inVain.length / refused.length).toFixed(3)),
        exactly(
          'calls refused before the outage',
          // A call that was under way when it began may have met it.
          clients.calls.filter(({ atMs, tookMs, error }) => atMs + tookMs < downAtMs && error !== undefined).length,
          0,
        ),
        told(
          'refused within, p99 of all',
          `${percentile(
            refused.map(({ tookMs }) => tookMs),
            0.99,
          ).toFixed(1)} ms`,
        ),
        atMost('refused within, p99 once breakers are open', percentile(steady, 0.99), REFUSED_WITHIN_MS + plan.slackMs, ' ms'),
        exactly('calls refused after the recovery', late.length, 0),
      ],
    };
  } finally {
    await gateway.stop();
    for (const stub of stubs) stub.kill();
  }
}
