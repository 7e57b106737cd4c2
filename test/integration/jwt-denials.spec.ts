import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DenialsService } from '../../src/keys/index.js';
import { DeniedTokens } from '../../src/keys/jwt/denied-tokens.js';
import { DeniedTokensStore } from '../../src/keys/jwt/denied-tokens.store.js';
import type { TokenAuthenticator } from '../../src/keys/jwt/token-authenticator.js';
import { TokenTeams } from '../../src/keys/jwt/token-teams.js';
import { toTokenKeyId } from '../../src/keys/jwt/token-subjects.js';
import { Teams } from '../../src/keys/teams/teams.js';
import { TeamsService } from '../../src/keys/teams/teams.service.js';
import { TeamsStore } from '../../src/keys/teams/teams.store.js';
import { Secret } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { AUDIENCE, claimsAt, ISSUER, signToken } from '../support/identity-provider.js';
import { inTime } from '../support/in-time.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';
import { silentLog } from '../support/silent-log.js';
import { answerTo, HandClock, JWT_SECRET, tokensOver } from '../support/tokens.js';

const ANN = { id: 'key-ann', name: 'Ann' };
const PROMISED_MS = 1_000;
const DENIED = 'unauthenticated: This token was revoked by an administrator. Ask an administrator for access.';

/** What takes and denies tokens in one process. */
interface Process extends Replica {
  readonly denied: DeniedTokens;
  readonly denials: DenialsService;
  readonly teams: Teams;
  readonly teamsService: TeamsService;
  readonly tokens: TokenAuthenticator;
}

let server: TestDatabase;
let gate: Gate;
let clock: HandClock;
let one: Process;
/** Listens, and asks, through the gate. */
let other: Process;

beforeAll(async () => {
  server = await createDatabase();
  gate = await Gate.before(server.url);
});

afterAll(async () => {
  await server.drop();
});

beforeEach(async () => {
  clock = new HandClock();
  await gate.open();
  [one, other] = await Promise.all([open(server.url), open(gate.url)]);
  await eventually(() => one.notifications.isListening && other.notifications.isListening);
});

afterEach(async () => {
  await Promise.all([one, other].map(close));
  await gate.shut();
  await query(server.url, 'DELETE FROM denied_tokens');
});

async function open(url: string): Promise<Process> {
  const process = assemble(await openReplica(url));
  await process.start();
  await process.denied.onModuleInit();
  await process.teams.onModuleInit();
  return process;
}

function assemble(replica: Replica): Process {
  const store = new DeniedTokensStore(replica.prisma, replica.audit);
  const denied = new DeniedTokens(store, replica.notifications, replica.database, clock, silentLog);
  const jwt = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['HS256'], verify: { secret: new Secret(JWT_SECRET) } };
  const teamsStore = new TeamsStore(replica.prisma, replica.audit);
  const teams = new Teams(teamsStore, replica.notifications, replica.database, silentLog);
  return {
    ...replica,
    denied,
    denials: new DenialsService(store, denied, { jwt }, clock),
    teams,
    teamsService: new TeamsService(teamsStore, teams, clock),
    tokens: tokensOver({ clock, denied, teams: new TokenTeams(teams, clock) }),
  };
}

async function close({ denied, teams, stop }: Process): Promise<void> {
  denied.onApplicationShutdown();
  teams.onApplicationShutdown();
  await stop();
}

const sign = (claims: object = {}): Promise<string> =>
  signToken({ kid: undefined, alg: 'HS256', privateKey: new TextEncoder().encode(JWT_SECRET) }, claimsAt(clock.now(), claims));

describe('a denied token', () => {
  const becomes = (token: string, answer: string, process = other): Promise<void> =>
    inTime(PROMISED_MS, () => eventually(async () => (await answerTo(process.tokens, token)) === answer));

  it.each([
    ['jti', 'one'],
    ['sub', 'alice'],
  ] as const)(
    'is refused here at once and elsewhere within a second, though it was remembered; and the other way round (%s)',
    async (claim, value) => {
      const token = await sign({ jti: 'one' });
      for (const { tokens } of [one, other]) expect(await answerTo(tokens, token)).toBe('welcome');

      const { id } = await one.denials.deny({ claim, value, reason: 'lost' }, ANN);
      expect(await answerTo(one.tokens, token)).toBe(DENIED);
      await becomes(token, DENIED);

      expect(await other.denials.allow(id, ANN)).toMatchObject({ id, claim, value });
      expect(await answerTo(other.tokens, token)).toBe('welcome');
      await becomes(token, 'welcome', one);
    },
  );

  it('is refused after a gap in which nothing could be heard', async () => {
    const token = await sign();
    expect(await answerTo(other.tokens, token)).toBe('welcome');
    await gate.shut();
    await eventually(() => !other.notifications.isListening);
    await one.denials.deny({ claim: 'sub', value: 'alice' }, ANN);
    expect(await answerTo(other.tokens, token)).toBe('welcome');

    await gate.open();
    await eventually(async () => (await answerTo(other.tokens, token)) === DENIED);
  });

  it('is no other: neither another subject’s, nor that of the same name in another claim', async () => {
    await one.denials.deny({ claim: 'sub', value: 'one' }, ANN);
    await one.denials.deny({ claim: 'jti', value: 'alice' }, ANN);

    expect(await answerTo(one.tokens, await sign({ jti: 'one' }))).toBe('welcome');
  });

  it('is denied until a minute after what was said, so that it has expired by then, and pruned after that', async () => {
    const expiresAt = clock.now() + 600_000;
    await one.denials.deny({ claim: 'sub', value: 'alice', expiresAt }, ANN);
    await one.denials.deny({ claim: 'sub', value: 'bob' }, ANN);
    clock.ms = 659_999;
    expect(await answerTo(one.tokens, await sign({ exp: expiresAt / 1_000 }))).toBe(DENIED);
    expect(await one.denials.list({ limit: 9 })).toHaveLength(2);

    clock.ms = 660_000;
    expect(await answerTo(one.tokens, await sign())).toBe('welcome');
    expect((await one.denials.list({ limit: 9 })).map(({ value }) => value)).toEqual(['bob']);
    const third = await open(server.url);
    await eventually(async () => (await query(server.url, 'SELECT subject FROM denied_tokens')).length === 1);
    expect(await answerTo(third.tokens, await sign({ sub: 'bob' }))).toBe(DENIED);
    await close(third);
  });

  it('is one that nobody can tell of before what is denied was read once', async () => {
    await gate.shut();
    const blind = assemble(other);
    await blind.denied.onModuleInit();

    expect(await answerTo(blind.tokens, await sign())).toBe(
      'service_unavailable: This token cannot be checked at the moment, because the database does not answer. Try again in a few seconds.',
    );

    await gate.open();
    await eventually(async () => (await answerTo(blind.tokens, await sign())) === 'welcome');
    blind.denied.onApplicationShutdown();
  });

  it('stays denied, and others welcome, while the database is away', async () => {
    await other.denials.deny({ claim: 'jti', value: 'one' }, ANN);
    await gate.shut();

    expect(await answerTo(other.tokens, await sign({ jti: 'one' }))).toBe(DENIED);
    expect(await answerTo(other.tokens, await sign({ jti: 'two' }))).toBe('welcome');
    await expect(other.denials.deny({ claim: 'jti', value: 'two' }, ANN)).rejects.toMatchObject({ kind: 'service_unavailable' });
  });

  it('is listed, newest first and in pages, and may be denied again', async () => {
    for (const value of ['a', 'b', 'c']) {
      await one.denials.deny({ claim: 'jti', value, reason: `was ${value}` }, ANN);
      clock.ms += 1;
    }
    const [c, b, a] = await one.denials.list({ limit: 9 });
    expect(c).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      claim: 'jti',
      issuer: ISSUER,
      value: 'c',
      reason: 'was c',
      deniedAt: clock.now() - 1,
      deniedBy: 'key-ann',
      expiresAt: undefined,
    });
    expect(await one.denials.list({ limit: 1, before: c!.id })).toEqual([b]);
    expect(await one.denials.list({ limit: 9, before: b!.id })).toEqual([a]);
    expect(await one.denials.list({ limit: 9, before: '0'.repeat(32) })).toEqual([]);

    await one.denials.deny({ claim: 'jti', value: 'a' }, ANN);
    expect((await one.denials.list({ limit: 9 })).map(({ value, reason }) => [value, reason])).toEqual([
      ['a', undefined],
      ['c', 'was c'],
      ['b', 'was b'],
    ]);
  });

  it('is recorded with who denied and who allowed it', async () => {
    const { id } = await one.denials.deny({ claim: 'sub', value: 'mallory', reason: 'left' }, ANN);
    await one.denials.allow(id, { id: 'key-bob', name: 'Bob' });

    const [allowed, denied] = await one.audit.list({ entity: 'denied_token', limit: 2 });
    expect(denied).toMatchObject({
      actor: ANN,
      action: 'deny',
      entityId: id,
      before: undefined,
      after: { sub: 'mallory', reason: 'left' },
    });
    expect(allowed).toMatchObject({ actor: { id: 'key-bob' }, action: 'allow', before: { sub: 'mallory' }, after: undefined });
  });

  it('is not what somebody may make of their own, or where no token is taken', async () => {
    const self = { id: toTokenKeyId(ISSUER, 'alice'), name: 'alice' };
    await expect(one.denials.deny({ claim: 'sub', value: 'alice' }, self)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(one.denials.deny({ claim: 'sub', value: 'bob' }, self)).resolves.toMatchObject({ value: 'bob' });

    const none = new DenialsService(new DeniedTokensStore(one.prisma, one.audit), one.denied, { jwt: undefined }, clock);
    await expect(none.deny({ claim: 'sub', value: 'bob' }, ANN)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await none.list({ limit: 9 })).toHaveLength(1);
  });

  it.each([['é'.repeat(255)], ['a b/c%d "e"'], ['𝒳 𝒴']])('may have any name that tokens have: %s', async (sub) => {
    const token = await sign({ sub });
    await one.denials.deny({ claim: 'sub', value: sub }, ANN);

    await becomes(token, DENIED);
    expect((await one.denials.list({ limit: 1 }))[0]).toMatchObject({ value: sub, issuer: ISSUER });
  });
});

describe('the team of a token', () => {
  it('is found by name and by id as soon as it is made elsewhere, and is another caller once it has changed', async () => {
    const token = await sign({ team: 'Search' });
    expect(await answerTo(other.tokens, token)).toContain('forbidden: The team `Search` of this token does not exist.');

    const { id } = await one.teamsService.create({ name: 'Search', concurrency: 2 }, ANN);
    clock.ms = 1_000;
    const { caller } = await other.tokens.authenticate(token);
    expect(caller).toMatchObject({ tenant: id, team: { id, name: 'Search', limits: { concurrency: 2 } } });
    expect((await other.tokens.authenticate(await sign({ team: id }))).caller).toEqual(caller);

    await one.teamsService.change(id, { concurrency: 5, models: ['gpt-*'] }, ANN);
    await inTime(PROMISED_MS, () =>
      eventually(async () => (await other.tokens.authenticate(token)).caller.team?.limits?.concurrency === 5),
    );
    expect((await other.tokens.authenticate(token)).caller.models?.includes('claude')).toBe(false);

    await one.teamsService.delete(id, ANN);
    clock.ms = 2_000;
    await inTime(PROMISED_MS, () => eventually(async () => (await answerTo(other.tokens, token)).startsWith('forbidden')));
  });
});
