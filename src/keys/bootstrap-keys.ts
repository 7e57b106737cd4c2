import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../platform/index.js';
import type { NewKey } from './key-record.js';
import type { KeysService } from './keys.service.js';

const FILE_NAME = 'first-keys.txt';

export interface FirstKeys {
  readonly admin: NewKey;
  readonly client: NewKey;
}

/** Where a gateway stands that may or may not need its first keys. */
export interface KeySituation {
  /** It runs its own database: on one that it shares, another replica may be making the same keys. */
  readonly embedded: boolean;
  readonly config: Pick<Config, 'keys'>;
}

/** Makes the first admin and the first client key where nobody could otherwise get in; undefined where there are keys, or should be none. */
export async function makeFirstKeys(
  keys: Pick<KeysService, 'hasAny' | 'createAll'>,
  { embedded, config }: KeySituation,
): Promise<FirstKeys | undefined> {
  if (!embedded || hasStaticKeys(config) || (await keys.hasAny())) return undefined;
  const [admin, client] = await keys.createAll([
    { name: 'first-admin', role: 'admin' },
    { name: 'first-client', role: 'client' },
  ]);
  return { admin: admin!, client: client! };
}

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * Shows new keys to a person: on a terminal, or else in a file that only this user can read, whose path it answers.
 * Never in a stream that is not a terminal, because in a container that is the log.
 */
export async function deliverFirstKeys(keys: FirstKeys, terminal: Terminal, dataDir: string): Promise<string | undefined> {
  const text = toFirstKeysText(keys);
  if (terminal.isTTY) {
    terminal.write(`${text}\n`);
    return undefined;
  }
  const file = path.join(dataDir, FILE_NAME);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  // `wx` follows no link that somebody may have put there.
  await writeFile(file, `${text}Delete this file when you have them.\n`, { flag: 'wx', mode: 0o600 });
  return file;
}

/** For a start that made no keys. */
export const HOW_TO_MAKE_A_KEY = 'npm run tollgate -- keys create --name my-app';

function toFirstKeysText({ admin, client }: FirstKeys): string {
  return [
    'The first two API keys. They are stored hashed and never shown again: keep them in a safe place.',
    '',
    `  admin   ${admin.key}`,
    `  client  ${client.key}`,
    '',
    `More keys: ${HOW_TO_MAKE_A_KEY}`,
    '',
  ].join('\n');
}

function hasStaticKeys({ keys }: Pick<Config, 'keys'>): boolean {
  return keys.clients.length > 0 || keys.admins.length > 0;
}
