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
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Options = ReturnType<typeof read>['values'];

/** What follows `tollgate` on the command line. Throws a `UsageError` that says what was expected. */
export function parseCommand(args: readonly string[], nowMs: number): Command {
  const { values, positionals } = read(args);
  const [group, verb, ...rest] = positionals;
  if (values.help || group === undefined || group === 'help') return { name: 'help' };
  const command = `${group} ${verb ?? ''}`.trim();
  if (command === 'keys create') return { name: 'keys create', wishes: toWishes(only(values, ['name', 'role', 'expires']), rest, nowMs) };
  only(values, []);
  if (command === 'keys revoke') return { name: 'keys revoke', publicId: toPublicId(rest) };
  nothing(rest);
  if (command === 'keys list' || command === 'config check') return { name: command };
  throw new UsageError(`There is no command \`${command}\`. There are: keys create, keys list, keys revoke, config check.`);
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
function only(values: Options, allowed: readonly (keyof typeof OPTIONS)[]): Options {
  const extra = (['name', 'role', 'expires'] as const).find((option) => values[option] !== undefined && !allowed.includes(option));
  if (extra) throw new UsageError(`--${extra} belongs to \`keys create\`.`);
  return values;
}

function toWishes({ name, role = 'client', expires }: Options, rest: readonly string[], nowMs: number): KeyWishes {
  nothing(rest);
  const label = name?.trim();
  if (!label) throw new UsageError('A key needs a name that says what it is for: keys create --name my-app');
  if (label.length > 100 || /\p{Cc}/u.test(label)) throw new UsageError('--name takes up to 100 characters, on one line.');
  if (!isRole(role)) throw new UsageError(`--role takes ${ROLES.join(', ')}; found "${role}".`);
  return { name: label, role, expiresAt: expires === undefined ? undefined : parseExpiry(expires, nowMs) };
}

/** A whole key is taken for its public id, as it is what people have at hand. */
function toPublicId([text, ...rest]: readonly string[]): string {
  if (text === undefined) throw new UsageError('Say which key: keys revoke <public id>. `keys list` shows them.');
  nothing(rest);
  return findKeyParts(text)?.publicId ?? text;
}

function nothing(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much. A value with spaces needs quotes.`);
}
