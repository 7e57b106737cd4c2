import { arrive } from '../arrivals.js';
import type { StartGateway } from '../gateway-under-drill.js';
import { readRecorded } from '../recorded-attempts.js';
import { atLeast, exactly, type Report, told } from '../report.js';
import { StubProvider, WORDS } from '../stub-provider.js';
import type { OutagePlan } from './outage-plan.js';
import { SdkClients, type ClientStream } from './sdk-clients.js';

const FRAME_EVERY_MS = 50;
const WHOLE = WORDS.join('');

/** The better of two providers is killed and revived under streams: those that had begun are told so, all others are served. */
export async function killedUnderStreams(plan: OutagePlan, startGateway: StartGateway): Promise<Report> {
  const better = await StubProvider.start(FRAME_EVERY_MS);
  const other = await StubProvider.start(FRAME_EVERY_MS);
  const providers = [
    { name: 'better', baseUrl: better.baseUrl },
    { name: 'other', baseUrl: other.baseUrl },
  ];
  const gateway = await startGateway({ providers, breaker: plan.breaker });
  try {
    const clients = new SdkClients(gateway);
    const load = (forMs: number): Promise<void> => arrive(plan.streamsPerSecond, forMs, () => clients.stream());
    await load(plan.healthMs);
    better.kill();
    await load(plan.outageMs);
    await better.revive();
    await load(plan.recoveryMs);
    await clients.settled();
    const { rows, endings } = await readRecorded(gateway.databaseUrl, clients.requests);
    const kinds = clients.streams.map(kindOf);
    const count = (kind: StreamKind): number => kinds.filter((one) => one === kind).length;
    return {
      title: `The better of two providers killed for ${plan.outageMs / 1_000} s under ${plan.streamsPerSecond} streams/s`,
      figures: [
        told('streams of clients', clients.streams.length),
        told('whole', count('whole')),
        told('whole from the better one after its return', servedLater(clients.streams, plan)),
        exactly('failed before they had begun', count('failed before it began'), 0),
        atLeast('had begun and were cut, and say so', count('honest'), 1),
        exactly('were cut and look whole', count('cut in silence'), 0),
        exactly('have a text that is not the one that was sent', count('garbled'), 0),
        exactly('requests without a row of the ledger', clients.requests - rows, 0),
        exactly('rows that say cut, for each that was', endings['upstream_cut'] ?? 0, count('honest')),
        exactly('rows that say complete, for each that was', endings['complete'] ?? 0, count('whole')),
      ],
    };
  } finally {
    await gateway.stop();
    better.kill();
    other.kill();
  }
}

type StreamKind = 'whole' | 'honest' | 'failed before it began' | 'cut in silence' | 'garbled';

function kindOf({ text, isWhole, error }: ClientStream): StreamKind {
  if (text !== undefined && !WHOLE.startsWith(text)) return 'garbled';
  if (error !== undefined) return text === undefined ? 'failed before it began' : 'honest';
  return isWhole && text === WHOLE ? 'whole' : 'cut in silence';
}

function servedLater(streams: readonly ClientStream[], { outageMs, healthMs }: OutagePlan): number {
  const fromMs = Math.min(...streams.map(({ atMs }) => atMs)) + healthMs + outageMs;
  return streams.filter((stream) => stream.atMs >= fromMs && stream.provider === 'better' && stream.isWhole).length;
}
