import type { Actor } from '../platform/index.js';
import { isUnread, type SyncOutcome } from '../usage/index.js';
import type { PricesCommand } from './arguments.js';
import type { PriceTools } from './gateway-prices.js';
import { toSyncReport } from './prices-report.js';
import type { Report } from './report.js';
import { UsageError } from './usage.js';

const COMMAND_LINE: Actor = { id: 'cli', name: 'command line' };

/** Compares the prices that providers publish with those that were taken over from them, and takes them over where that is wanted. */
export async function syncPrices({ sync, alone }: PriceTools, { provider, isApplied }: PricesCommand): Promise<Report> {
  const names = sync.providers();
  if (provider !== undefined && !names.includes(provider)) throw new UsageError(noSuchProvider(provider, names));
  if (names.length === 0) throw new Error('No provider is configured that publishes its prices. OpenRouter does: set OPENROUTER_API_KEY.');
  if (!isApplied) return toSyncReport(await sync.compare(provider), isApplied);
  const outcomes = await alone(async () => {
    const compared = await sync.compare(provider);
    await sync.apply(compared.flatMap(changesOf), COMMAND_LINE);
    return compared;
  });
  if (!outcomes) throw new Error('Prices are being taken over by another process right now. Try again in a moment.');
  return toSyncReport(outcomes, isApplied);
}

function changesOf(outcome: SyncOutcome) {
  return isUnread(outcome) ? [] : outcome.changes;
}

function noSuchProvider(provider: string, names: readonly string[]): string {
  const known = names.length === 0 ? 'none that is configured does' : `those that are configured and do: ${names.join(', ')}`;
  return `There is no provider "${provider}" that publishes its prices; ${known}.`;
}
