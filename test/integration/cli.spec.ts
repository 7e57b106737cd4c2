import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCli } from '../../src/cli/cli.js';
import { findHome } from '../../src/platform/database/embedded/home.js';
import { findPostmaster } from '../../src/platform/database/embedded/postmaster.js';
import { startChild, type Child } from '../support/child.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { answers, query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

interface KeyJson {
  readonly id: string;
  readonly key: string;
  readonly public_id: string;
  readonly revoked_at: string | null;
}

/** The folder that commands are given in: `.env`, `tollgate.yaml` and the embedded database belong there. */
let folder: string;

beforeEach(async () => {
  folder = await makeScratch();
});

afterEach(() => removeScratch(folder));

describe('tollgate keys', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });

  afterAll(() => database.drop());

  it('makes, lists and revokes, for programs', async () => {
    const env = { DATABASE_URL: database.url };

    const made = JSON.parse((await tollgate('keys create --name my-app --role viewer --expires 2099-01-01 --json', env)).out) as KeyJson;
    const revoked = JSON.parse((await tollgate(`keys revoke ${made.public_id} --json`, env)).out) as KeyJson;
    const listed = JSON.parse((await tollgate('keys list --json', env)).out) as { keys: KeyJson[] };

    expect(made).toMatchObject({ name: 'my-app', role: 'viewer', expires_at: '2099-01-01T00:00:00.000Z', revoked_at: null });
    expect(made.key).toMatch(new RegExp(`^tg-${made.public_id}-\\w{36}$`));
    expect(revoked.revoked_at).not.toBeNull();
    expect(listed.keys).toEqual([{ ...made, key: undefined, state: 'revoked', revoked_at: revoked.revoked_at }]);
  });

  it('makes keys with restrictions, and gives them new secrets', async () => {
    const env = { DATABASE_URL: database.url };

    const line = 'keys create --name narrow --model gpt-4* --route chat --ip-allow ::1 --tag a=b --concurrency 2 --disabled --json';
    const made = JSON.parse((await tollgate(line, env)).out) as KeyJson;
    const rotated = JSON.parse((await tollgate(`keys rotate ${made.key} --overlap 60 --json`, env)).out) as KeyJson;
    const again = await tollgate(`keys rotate ${made.public_id} --overlap 0`, env);
    const listed = await tollgate('keys list', env);

    const decided = { models: ['gpt-4*'], routes: ['chat'], ip_allow: ['::1'], tags: { a: 'b' }, concurrency: 2, disabled: true };
    expect(made).toMatchObject({ ...decided, state: 'disabled', requests_per_minute: null });
    expect(rotated).toMatchObject({ ...decided, id: made.id, previous_secret_ends_at: expect.any(String) });
    expect(rotated.key).toMatch(new RegExp(`^tg-${made.public_id}-`));
    expect(rotated.key).not.toBe(made.key);
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The new secret of the key "narrow"[^]*The old one has ended\.\n$/),
    });
    expect(listed.out).toMatch(/narrow +client, restricted +disabled/);
    expect((await tollgate('keys rotate abcdefghjkmn', env)).code).toBe(1);
  });

  it('says what it did, for people, and nothing else', async () => {
    const env = { DATABASE_URL: database.url };

    const made = await tollgateProcess('keys create --name people', env);
    const listed = await tollgate('keys list', env);
    const missing = await tollgate('keys revoke abcdefghjkmn', env);

    expect(made).toMatchObject({ code: 0, error: '', out: expect.stringMatching(/^The client key "people"\. It is not shown again/) });
    expect(listed.out).toMatch(/^PUBLIC ID +NAME +ROLE +STATE +CREATED +EXPIRES\n\w{12} +people +client +active +20.* UTC +never\n/);
    expect(missing).toEqual({
      code: 1,
      out: '',
      error: 'There is no key with the public id "abcdefghjkmn". `keys list` shows all keys.\n',
    });
  });

  it('says what to do about a database that is not there', async () => {
    const { code, error } = await tollgateProcess('keys list', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });

    expect(code).toBe(1);
    expect(error).toBe('The database does not answer. Check DATABASE_URL, and that the server is up.\n');
  });
});

describe('tollgate keys on an embedded database', () => {
  it('works alone: starts the server for the moment, and leaves none behind', async () => {
    await tollgate('keys create --name first');

    const listed = await tollgate('keys list --json');

    expect((JSON.parse(listed.out) as { keys: KeyJson[] }).keys).toMatchObject([{ name: 'first' }]);
    const home = await findHome(path.join(folder, '.tollgate'));
    expect(await findPostmaster(path.join(home.dir, 'cluster', 'pgdata'))).toBeUndefined();
    await removeScratch(path.join(folder, '.tollgate'));
  });

  it('works beside a gateway: uses its server, and leaves it running', async () => {
    const dataDir = path.join(folder, 'data');
    const gateway: Child<{ url: string }> = await startChild('embedded.ts', { args: [dataDir] });

    const { code } = await tollgate('keys create --name beside', { TOLLGATE_DATA_DIR: dataDir });

    const stored = await query(gateway.said.url, 'select name from api_keys');
    const isUp = await answers(gateway.said.url);
    await gateway.kill('SIGTERM');
    await removeScratch(dataDir);
    expect([code, stored, isUp]).toEqual([0, [{ name: 'beside' }], true]);
  });
});

describe('tollgate config check', () => {
  it('accepts what the gateway would accept', async () => {
    expect(await tollgate('config check')).toEqual({ code: 0, out: 'The configuration is valid. Providers: echo.\n', error: '' });
  });

  it('names every mistake and exits with 78, as every command does', async () => {
    await writeFile(path.join(folder, '.env'), 'PORT=80a\nLOG_LEVEL=loud\n');

    const [check, list] = [await tollgate('config check --json'), await tollgate('keys list')];

    expect([check.code, list.code]).toEqual([78, 78]);
    expect(JSON.parse(check.out)).toEqual({
      valid: false,
      problems: [expect.stringContaining('PORT'), expect.stringContaining('LOG_LEVEL')],
    });
    expect(list.error).toMatch(/^The configuration has 2 mistakes:\n {2}PORT: /);
  });
});

describe('tollgate', () => {
  it('explains itself, and says what it did not understand', async () => {
    const [help, wrong] = [await tollgate('--help'), await tollgate('keys delete x')];

    expect(help).toMatchObject({ code: 0, error: '', out: expect.stringContaining('tollgate keys create --name <name>') });
    expect(wrong).toEqual({
      code: 2,
      out: '',
      error:
        'There is no command `keys delete`. There are: keys create, keys list, keys rotate, keys revoke, config check, bodies reseal, ledger verify, ledger rebuild, prices sync.\nSee: tollgate --help\n',
    });
  });
});

async function tollgate(line: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const said = { out: '', error: '' };
  const code = await runCli(line.split(' '), {
    out: { write: (text) => (said.out += text) },
    error: { write: (text) => (said.error += text) },
    sources: { env, cwd: folder },
  });
  return { code, ...said };
}

/** The same in a process of its own, as it is for people. */
function tollgateProcess(line: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const args = ['--import', path.join(ROOT, 'scripts/register-ts.mjs'), path.join(ROOT, 'src/cli/main.ts'), ...line.split(' ')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH, ...env } }, (failure, out, error) => {
      resolve({ code: failure ? Number(failure.code) : 0, out, error });
    });
  });
}
