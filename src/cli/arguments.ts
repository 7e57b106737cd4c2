import { parseArgs } from 'node:util';
import { findKeyParts, isRole, ROLES, type KeyWishes } from '../keys/index.js';
import { parseExpiry } from './expiry.js';
import { UsageError } from './usage.js';

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'config check' }
  | { readonly name: 'keys list' }
  | { readonly name: 'keys create'; readonly wishes: KeyWishes }
  | { readonly name: 'keys revoke'; readonly publicId: string };

const OPTIONS = {
  name: { type: 'string' },
  role: { type: 'string' },
  expires: { type: 'string' },
  'allow-provider-state': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Options = ReturnType<typeof read>['values'];

type Parse = (values: Options, rest: readonly string[], nowMs: number) => Command;

const COMMANDS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['keys create', (values, rest, nowMs) => ({ name: 'keys create', wishes: toWishes(values, rest, nowMs) })],
  ['keys list', (values, rest) => plain('keys list', values, rest)],
  ['keys revoke', (values, rest) => ({ name: 'keys revoke', publicId: toPublicId(values, rest) })],
  ['config check', (values, rest) => plain('config check', values, rest)],
]);

/** What follows `tollgate` on the command line. Throws a `UsageError` that says what was expected. */
export function parseCommand(args: readonly string[], nowMs: number): Command {
  const { values, positionals } = read(args);
  const [group, verb, ...rest] = positionals;
  if (values.help || group === undefined || group === 'help') return { name: 'help' };
  const name = `${group} ${verb ?? ''}`.trim();
  const parse = COMMANDS.get(name);
  if (!parse) throw new UsageError(`There is no command \`${name}\`. There are: ${[...COMMANDS.keys()].join(', ')}.`);
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

function plain<Name extends 'keys list' | 'config check'>(name: Name, values: Options, rest: readonly string[]): { readonly name: Name } {
  refuseCreateOptions(values);
  refuseMore(rest);
  return { name };
}

/** An option that a command does not know is a mistake, not decoration. */
function refuseCreateOptions(values: Options): void {
  const extra = (['name', 'role', 'expires', 'allow-provider-state'] as const).find((option) => values[option] !== undefined);
  if (extra) throw new UsageError(`--${extra} belongs to \`keys create\`.`);
}

function toWishes(values: Options, rest: readonly string[], nowMs: number): KeyWishes {
  const { name, role = 'client', expires, 'allow-provider-state': allowProviderState } = values;
  refuseMore(rest);
  const label = name?.trim();
  if (!label) throw new UsageError('A key needs a name that says what it is for: keys create --name my-app');
  if (label.length > 100 || /\p{Cc}/u.test(label)) throw new UsageError('--name takes up to 100 characters, on one line.');
  if (!isRole(role)) throw new UsageError(`--role takes ${ROLES.join(', ')}; found "${role}".`);
  return { name: label, role, expiresAt: expires === undefined ? undefined : parseExpiry(expires, nowMs), allowProviderState };
}

/** A whole key is taken for its public id, as it is what people have at hand. */
function toPublicId(values: Options, [text, ...rest]: readonly string[]): string {
  refuseCreateOptions(values);
  if (text === undefined) throw new UsageError('Say which key: keys revoke <public id>. `keys list` shows them.');
  refuseMore(rest);
  return findKeyParts(text)?.publicId ?? text;
}

function refuseMore(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much. A value with spaces needs quotes.`);
}
