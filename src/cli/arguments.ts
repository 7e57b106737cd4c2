import { parseArgs } from 'node:util';
import { findKeyParts, type KeyWishes } from '../keys/index.js';
import { KEY_OPTIONS, toWishes } from './key-options.js';
import { UsageError } from './usage.js';

const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'config check' }
  | { readonly name: 'bodies reseal' }
  | { readonly name: 'keys list' }
  | { readonly name: 'keys create'; readonly wishes: KeyWishes }
  | { readonly name: 'keys rotate'; readonly publicId: string; readonly overlapMs: number }
  | { readonly name: 'keys revoke'; readonly publicId: string }
  | LedgerCommand
  | PricesCommand;

export type LedgerCommand = { readonly name: 'ledger verify' } | { readonly name: 'ledger rebuild'; readonly isDryRun: boolean };

export interface PricesCommand {
  readonly name: 'prices sync';
  /** undefined = all that publish prices. */
  readonly provider: string | undefined;
  readonly isApplied: boolean;
}

const OPTIONS = {
  ...KEY_OPTIONS,
  overlap: { type: 'string' },
  'dry-run': { type: 'boolean' },
  apply: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Which command takes an option that not all take. */
const TAKEN_BY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(KEY_OPTIONS).map((option) => [option, 'keys create'])),
  overlap: 'keys rotate',
  'dry-run': 'ledger rebuild',
  apply: 'prices sync',
};

type Options = ReturnType<typeof read>['values'];

type Parse = (values: Options, rest: readonly string[], nowMs: number) => Command;

const COMMANDS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['keys create', (values, rest, nowMs) => alone(rest, { name: 'keys create', wishes: toWishes(values, nowMs) })],
  ['keys list', (_, rest) => alone(rest, { name: 'keys list' })],
  ['keys rotate', ({ overlap }, rest) => ({ name: 'keys rotate', publicId: toPublicId('rotate', rest), overlapMs: toOverlapMs(overlap) })],
  ['keys revoke', (_, rest) => ({ name: 'keys revoke', publicId: toPublicId('revoke', rest) })],
  ['config check', (_, rest) => alone(rest, { name: 'config check' })],
  ['bodies reseal', (_, rest) => alone(rest, { name: 'bodies reseal' })],
  ['ledger verify', (_, rest) => alone(rest, { name: 'ledger verify' })],
  ['ledger rebuild', (values, rest) => alone(rest, { name: 'ledger rebuild', isDryRun: values['dry-run'] ?? false })],
  ['prices sync', ({ apply = false }, [provider, ...rest]) => alone(rest, { name: 'prices sync', provider, isApplied: apply })],
]);

/** What follows `tollgate` on the command line. Throws a `UsageError` that says what was expected. */
export function parseCommand(args: readonly string[], nowMs: number): Command {
  const { values, positionals } = read(args);
  const [group, verb, ...rest] = positionals;
  if (values.help || group === undefined || group === 'help') return { name: 'help' };
  const name = `${group} ${verb ?? ''}`.trim();
  const parse = COMMANDS.get(name);
  if (!parse) throw new UsageError(`There is no command \`${name}\`. There are: ${[...COMMANDS.keys()].join(', ')}.`);
  refuseOthersOptions(name, values);
  return parse(values, rest, nowMs);
}

/** Looked for by itself: it also decides how a mistake in the rest is told. */
export function wantsJson(args: readonly string[]): boolean {
  return args.includes('--json');
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
}

/** An option that a command does not know is a mistake, not decoration. */
function refuseOthersOptions(name: string, values: Options): void {
  const other = Object.keys(values).find((option) => (TAKEN_BY[option] ?? name) !== name);
  if (other) throw new UsageError(`--${other} belongs to \`${TAKEN_BY[other]}\`.`);
}

/** A whole key is taken for its public id, as it is what people have at hand. */
function toPublicId(verb: 'rotate' | 'revoke', [text, ...rest]: readonly string[]): string {
  if (text === undefined) throw new UsageError(`Say which key: keys ${verb} <public id>. \`keys list\` shows them.`);
  return alone(rest, findKeyParts(text)?.publicId ?? text);
}

function toOverlapMs(text = String(DAY_SECONDS)): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(seconds <= MAX_OVERLAP_SECONDS)) throw new UsageError(`--overlap takes 0 to ${MAX_OVERLAP_SECONDS} seconds; found "${text}".`);
  return seconds * 1_000;
}

function alone<T>(rest: readonly string[], value: T): T {
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much. A value with spaces needs quotes.`);
  return value;
}
