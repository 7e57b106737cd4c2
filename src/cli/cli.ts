import { systemClock } from '../core/clock.js';
import { ConfigError, type ConfigSources } from '../platform/index.js';
import { parseCommand, wantsJson, type Command, type LedgerCommand } from './arguments.js';
import { resealBodies } from './bodies-commands.js';
import { checkConfig, toFailure } from './config-check.js';
import { withBodies } from './gateway-bodies.js';
import { withKeys } from './gateway-keys.js';
import { withLedger } from './gateway-ledger.js';
import { createKey, listKeys, revokeKey, rotateKey } from './keys-commands.js';
import { rebuildLedger, verifyLedger } from './ledger-commands.js';
import { withPrices } from './gateway-prices.js';
import { syncPrices } from './prices-commands.js';
import type { Report } from './report.js';
import { USAGE, UsageError } from './usage.js';

/** Where a command runs: what it is told and whom it tells. */
export interface Surroundings {
  readonly out: { write(text: string): unknown };
  readonly error: { write(text: string): unknown };
  readonly sources: ConfigSources;
}

/** Runs one command and answers with the exit code. People read failures on standard error; programs read one document on standard output. */
export async function runCli(args: readonly string[], { out, error, sources }: Surroundings): Promise<number> {
  const { text, json, exitCode } = await reportOf(args, sources);
  if (wantsJson(args)) out.write(`${JSON.stringify(json, undefined, 2)}\n`);
  else (exitCode === 0 ? out : error).write(`${text.trimEnd()}\n`);
  return exitCode;
}

async function reportOf(args: readonly string[], sources: ConfigSources): Promise<Report> {
  try {
    return await execute(parseCommand(args, systemClock.now()), sources);
  } catch (error) {
    if (error instanceof ConfigError) return toFailure(error);
    const message = error instanceof Error ? error.message.trim() : String(error);
    const isUsage = error instanceof UsageError;
    return { text: isUsage ? `${message}\nSee: tollgate --help` : message, json: { error: { message } }, exitCode: isUsage ? 2 : 1 };
  }
}

function execute(command: Command, sources: ConfigSources): Report | Promise<Report> {
  if (command.name === 'help') return { text: USAGE, json: { usage: USAGE }, exitCode: 0 };
  if (command.name === 'config check') return checkConfig(sources);
  if (command.name === 'ledger verify' || command.name === 'ledger rebuild') return executeOnLedger(command, sources);
  if (command.name === 'prices sync') return withPrices(sources, (prices) => syncPrices(prices, command));
  if (command.name === 'bodies reseal') return withBodies(sources, resealBodies);
  const nowMs = systemClock.now();
  return withKeys(sources, (keys) => {
    if (command.name === 'keys list') return listKeys(keys, nowMs);
    if (command.name === 'keys create') return createKey(keys, command.wishes, nowMs);
    if (command.name === 'keys rotate') return rotateKey(keys, command.publicId, command.overlapMs, nowMs);
    return revokeKey(keys, command.publicId, nowMs);
  });
}

/** Whatever keeps it from being done is told apart from what it finds. */
async function executeOnLedger(command: LedgerCommand, sources: ConfigSources): Promise<Report> {
  try {
    return await withLedger(sources, (tools) => {
      return command.name === 'ledger verify' ? verifyLedger(tools) : rebuildLedger(tools, command.isDryRun);
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const message = error instanceof Error ? error.message.trim() : String(error);
    return { text: message, json: { error: { message } }, exitCode: 3 };
  }
}
