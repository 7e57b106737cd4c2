import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../src/keys/known-key.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { inTime } from '../support/in-time.js';
import { openPeople, type People } from '../support/people.js';
import { query } from '../support/query.js';

const ANN = { id: 'key-ann', name: 'Ann' };
const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const PROMISED_MS = 1_000;

describe('teams and end users', () => {
  let server: TestDatabase;
  let gate: Gate;
  let one: People;
  /** Listens through the gate. */
  let other: People;

  beforeEach(async () => {
    server = await createDatabase();
    gate = await Gate.before(server.url);
    await gate.open();
    [one, other] = await Promise.all([openPeople(server.url), openPeople(server.url, gate.url)]);
    await Promise.all([one.start(), other.start()]);
    await eventually(() => one.notifications.isListening && other.notifications.isListening);
  });

  afterEach(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await gate.shut();
    await server.drop();
  });

  const makeTeam = (wishes: Partial<Parameters<People['teams']['create']>[0]> = {}) => one.teams.create({ name: 'search', ...wishes }, ANN);
  const makeKey = async (teamId?: string) => {
    const { key, record } = await one.keys.create({ name: 'my-app', role: 'client', teamId });
    return { key, id: record.id };
  };
  const identify = async ({ authenticator }: People, key: string): Promise<Identity> => authenticator.authenticate(key);
  const callerAt = async (people: People, key: string) => (await identify(people, key)).caller;

  /** What is answered synchronously, once the news of the key itself has arrived. */
  const remembered = async ({ authenticator }: People, key: string): Promise<Identity> => {
    await eventually(() => !(authenticator.authenticate(key) instanceof Promise));
    return authenticator.authenticate(key);
  };

  describe('a key with a team', () => {
    it('calls for its team, in every process', async () => {
      const team = await makeTeam({ requestsPerMinute: 60, concurrency: 0 });
      const { key, id } = await makeKey(team.id);

      for (const people of [one, other]) {
        const caller = await callerAt(people, key);
        expect(caller).toMatchObject({ keyId: id, tenant: team.id });
        expect(caller.team).toMatchObject({ id: team.id, name: 'search', limits: { requestsPerMinute: 60, concurrency: 0 } });
        expect((await remembered(people, key)).caller).toMatchObject({ tenant: team.id });
      }
    });

    it('has what is decided about the team within a second, without being asked for again', async () => {
      const team = await makeTeam();
      const { key } = await makeKey(team.id);
      const before = await remembered(other, key);
      expect(other.authenticator.authenticate(key)).toBe(before);

      await inTime(PROMISED_MS, async () => {
        await one.teams.change(team.id, { models: ['gpt-4*'], requestsPerHour: 5 }, ANN);
        await eventually(async () => (await callerAt(other, key)).models?.includes('gpt-4o') ?? false);
      });
      expect((await callerAt(other, key)).models?.includes('o3')).toBe(false);
      expect((await callerAt(other, key)).team?.limits).toEqual({ requestsPerHour: 5 });
      expect((await callerAt(one, key)).team?.limits).toEqual({ requestsPerHour: 5 });

      const refuses = async (): Promise<boolean> => {
        const { restrictions } = await identify(other, key);
        return restrictions !== undefined;
      };
      expect(await refuses()).toBe(false);
      await inTime(PROMISED_MS, async () => {
        await one.teams.change(team.id, { disabled: true }, ANN);
        await eventually(refuses);
      });
      await one.teams.change(team.id, { disabled: false }, ANN);
      await eventually(async () => !(await refuses()));
    });

    it('has it within a second also where nothing can be heard', async () => {
      const team = await makeTeam();
      const { key } = await makeKey(team.id);
      await identify(other, key);
      await gate.shut();
      await eventually(() => !other.notifications.isListening);

      await inTime(2 * PROMISED_MS, async () => {
        await one.teams.change(team.id, { name: 'renamed' }, ANN);
        await eventually(async () => (await callerAt(other, key)).team?.name === 'renamed');
      });
    });

    it('that moves spends for the other team, and without a team for itself', async () => {
      const [first, second] = [await makeTeam(), await makeTeam({ name: 'support' })];
      const { key, id } = await makeKey(first.id);
      expect((await callerAt(other, key)).tenant).toBe(first.id);

      await one.keys.change(id, { teamId: second.id }, ANN);
      await eventually(async () => (await callerAt(other, key)).tenant === second.id);
      await one.keys.change(id, { teamId: undefined }, ANN);
      await eventually(async () => (await callerAt(other, key)).tenant === id);
      expect(await callerAt(other, key)).not.toHaveProperty('team');
    });

    it('is let in with its team where that was made a moment ago and not heard of', async () => {
      other.knownTeams.onApplicationShutdown();
      const deaf = await openPeople(server.url);
      // Its teams are read when they are asked for, and never by themselves.
      await deaf.prisma.onModuleInit();
      const team = await makeTeam();
      const { key } = await makeKey(team.id);

      expect(await callerAt(deaf, key)).toMatchObject({ tenant: team.id });
      await expect(callerAt(other, key)).rejects.toMatchObject({ kind: 'service_unavailable' });
      await deaf.stop();
    });

    it('must have one that exists', async () => {
      const refusal = { kind: 'invalid_request', details: { param: 'team' }, message: expect.stringContaining(UNKNOWN) };
      await expect(makeKey(UNKNOWN)).rejects.toMatchObject(refusal);
      const { id } = await makeKey();

      await expect(one.keys.change(id, { teamId: UNKNOWN }, ANN)).rejects.toMatchObject(refusal);
    });

    it('is listed by its team', async () => {
      const team = await makeTeam();
      const [mine] = [await makeKey(team.id), await makeKey()];

      expect((await one.keys.list({ teamId: team.id })).map(({ id }) => id)).toEqual([mine.id]);
    });
  });

  describe('a team', () => {
    it('is kept with everything that was decided, listed in pages, and recorded', async () => {
      const wishes = { name: 'search', disabled: true, models: ['gpt-4*'], requestsPerMinute: 1, requestsPerHour: 2, tokensPerMinute: 3 };
      const team = await makeTeam({ ...wishes, concurrency: 4 });
      expect(await one.teams.find(team.id)).toEqual(team);
      expect(team).toMatchObject({ ...wishes, concurrency: 4 });
      const changed = await one.teams.change(team.id, { models: undefined, concurrency: undefined }, ANN);
      expect(changed).toMatchObject({ ...wishes, models: [], concurrency: undefined });
      await makeTeam({ name: 'other search' });
      await makeTeam({ name: '50% off' });

      const names = async (question: object) => (await one.teams.list({ limit: 10, ...question })).map(({ name }) => name);
      expect(await names({})).toEqual(['50% off', 'other search', 'search']);
      expect(await names({ nameContains: 'SEARCH' })).toEqual(['other search', 'search']);
      expect(await names({ nameContains: '%' })).toEqual(['50% off']);
      expect(await names({ disabled: true })).toEqual(['search']);
      expect(await names({ limit: 1, before: (await one.teams.list({ limit: 1 }))[0]!.id })).toEqual(['other search']);
      const entries = (await one.audit.list({ limit: 10, entity: 'team' })).filter(({ entityId }) => entityId === team.id);
      expect(entries.map(({ action }) => action)).toEqual(['change', 'create']);
      expect(entries[0]).toMatchObject({ actor: ANN, before: { models: ['gpt-4*'] }, after: { models: [], concurrency: null } });
    });

    it('that is changed to what it is stays as it was, and nobody is told', async () => {
      const team = await makeTeam({ concurrency: 4 });
      expect(await one.teams.change(team.id, { concurrency: 4, models: [] }, ANN)).toEqual(team);
      expect(await one.audit.list({ limit: 10, entity: 'team' })).toHaveLength(1);
      expect(await query(server.url, `SELECT value::int FROM revisions WHERE name = 'teams'`)).toEqual([{ value: 1 }]);
    });

    it('has a name that no other has, also when many want it at once', async () => {
      const made = await Promise.allSettled([one, other, one, other].map(({ teams }) => teams.create({ name: 'search' }, ANN)));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refusal = { kind: 'conflict', details: { param: 'name' } };
      for (const outcome of made) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(refusal);
      const second = await makeTeam({ name: 'support' });
      await expect(one.teams.change(second.id, { name: 'search' }, ANN)).rejects.toMatchObject(refusal);
    });

    it('is found by its id and by its name, as it is now', async () => {
      const team = await makeTeam();
      expect(one.knownTeams.findByName('search')).toBe(one.knownTeams.find(team.id));
      await eventually(() => other.knownTeams.findByName('search') !== undefined);

      await one.teams.change(team.id, { name: 'found' }, ANN);

      expect([one.knownTeams.findByName('search'), one.knownTeams.findByName('found')?.id]).toEqual([undefined, team.id]);
      expect((await one.knownTeams.load('found'))?.id).toBe(team.id);
      expect(await one.knownTeams.load('search')).toBeUndefined();
    });

    it('is deleted when it has no keys any more, with its end users', async () => {
      const team = await makeTeam();
      const { id } = await makeKey(team.id);
      await one.users.create({ team: team.id }, { userId: 'ann', disabled: true }, ANN);
      await eventually(() => other.knownUsers.find(team.id, 'ann') !== undefined);
      await expect(one.teams.delete(team.id, ANN)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('1 key,') });
      await one.keys.change(id, { teamId: undefined }, ANN);

      expect(await one.teams.delete(team.id, ANN)).toEqual(team);

      expect(await one.teams.find(team.id)).toBeUndefined();
      expect(one.knownTeams.find(team.id)).toBeUndefined();
      await eventually(() => other.knownUsers.find(team.id, 'ann') === undefined && other.knownTeams.find(team.id) === undefined);
      expect((await one.audit.list({ limit: 1, entity: 'team' }))[0]).toMatchObject({ action: 'delete', before: { end_users: 1 } });
    });

    it('is never lost to a key that is made at the same time', async () => {
      const team = await makeTeam();
      const [made, deleted] = await Promise.allSettled([makeKey(team.id), other.teams.delete(team.id, ANN)]);

      const outcomes = [made.status, deleted.status].sort();
      expect(outcomes).toEqual(['fulfilled', 'rejected']);
      const { reason } = [made, deleted].find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect((reason as { kind: string }).kind).toBe(made.status === 'rejected' ? 'invalid_request' : 'conflict');
    });

    it.each([UNKNOWN, 'search', ''])('that does not exist is none: %j', async (id) => {
      expect(await one.teams.find(id)).toBeUndefined();
      expect(await one.teams.change(id, { disabled: true }, ANN)).toBeUndefined();
      expect(await one.teams.delete(id, ANN)).toBeUndefined();
    });
  });

  describe('an end user', () => {
    it('stands within its tenant alone, in every process within a second', async () => {
      const team = await makeTeam();
      const user = await one.users.create({ team: team.id }, { userId: 'ann', models: ['gpt-4*'], requestsPerMinute: 3 }, ANN);

      expect(one.knownUsers.find(team.id, 'ann')).toMatchObject({ isDisabled: false, limits: { requestsPerMinute: 3 } });
      await inTime(PROMISED_MS, () => eventually(() => other.knownUsers.find(team.id, 'ann') !== undefined));
      const known = other.knownUsers.find(team.id, 'ann');
      expect(known?.models?.includes('gpt-4o')).toBe(true);
      expect(other.knownUsers.find(team.id, 'ann')).toBe(known);
      expect([other.knownUsers.find(team.id, 'ben'), other.knownUsers.find('client:app', 'ann')]).toEqual([undefined, undefined]);

      await one.users.change(user.id, { disabled: true, models: undefined, name: 'Ann Lee' }, ANN);
      await inTime(PROMISED_MS, () => eventually(() => other.knownUsers.find(team.id, 'ann')?.isDisabled === true));
      expect(other.knownUsers.find(team.id, 'ann')).not.toHaveProperty('models');
      expect(await one.users.find(user.id)).toMatchObject({ name: 'Ann Lee', models: [], requestsPerMinute: 3 });
      expect(await one.users.delete(user.id, ANN)).toMatchObject({ id: user.id });
      expect(one.knownUsers.find(team.id, 'ann')).toBeUndefined();
      await eventually(() => other.knownUsers.find(team.id, 'ann') === undefined);
    });

    it('that is recorded anew under the same name is the new one', async () => {
      const whose = { key: 'client:app' };
      const first = await one.users.create(whose, { userId: 'ann', disabled: true }, ANN);
      await eventually(() => other.knownUsers.find('client:app', 'ann') !== undefined);

      await one.users.delete(first.id, ANN);
      const second = await one.users.create(whose, { userId: 'ann', concurrency: 1 }, ANN);

      await eventually(() => other.knownUsers.find('client:app', 'ann')?.id === second.id);
      expect(one.knownUsers.find('client:app', 'ann')).toMatchObject({ id: second.id, isDisabled: false, limits: { concurrency: 1 } });
    });

    it('belongs to a team, to a key without one, or to a static key', async () => {
      const team = await makeTeam();
      const [alone, member] = [await makeKey(), await makeKey(team.id)];
      const publicId = alone.key.split('-')[1]!;
      const create = (whose: { team: string } | { key: string }) => one.users.create(whose, { userId: 'ann' }, ANN);

      expect((await create({ team: team.id })).tenant).toBe(team.id);
      expect((await create({ key: publicId })).tenant).toBe(alone.id);
      expect((await create({ key: 'client:app' })).tenant).toBe('client:app');
      await expect(create({ team: UNKNOWN })).rejects.toMatchObject({ kind: 'invalid_request', details: { param: 'team' } });
      await expect(create({ key: 'client:nobody' })).rejects.toMatchObject({ kind: 'invalid_request', details: { param: 'key' } });
      await expect(create({ key: member.id })).rejects.toMatchObject({
        details: { param: 'key' },
        message: expect.stringContaining(team.id),
      });
    });

    it('is recorded once, also when many do it at once', async () => {
      const made = await Promise.allSettled(
        [one, other, one, other].map(({ users }) => users.create({ key: 'client:app' }, { userId: 'ann' }, ANN)),
      );

      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { id } = (await one.users.list({ limit: 10 }))[0]!;
      for (const outcome of made)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ kind: 'conflict', message: expect.stringContaining(id) });
    });

    it('is listed by tenant, name and state, and recorded', async () => {
      const { id: key } = await makeKey();
      const ann = await one.users.create({ key: 'client:app' }, { userId: 'ann', disabled: true }, ANN);
      await one.users.create({ key }, { userId: 'ann' }, ANN);
      await one.users.create({ key }, { userId: 'ben' }, ANN);
      const found = async (question: object) =>
        (await one.users.list({ limit: 10, ...question })).map(({ tenant, userId }) => `${tenant === key ? 'key' : tenant} ${userId}`);

      expect(await found({})).toEqual(['key ben', 'key ann', 'client:app ann']);
      expect(await found({ tenant: key })).toEqual(['key ben', 'key ann']);
      expect(await found({ userId: 'ann' })).toEqual(['key ann', 'client:app ann']);
      expect(await found({ disabled: true })).toEqual(['client:app ann']);
      expect(await found({ limit: 1, before: (await one.users.list({ limit: 1 }))[0]!.id })).toEqual(['key ann']);
      await one.users.change(ann.id, { disabled: true }, ANN);
      await one.users.change(ann.id, { disabled: false }, ANN);
      const entries = (await one.audit.list({ limit: 10, entity: 'user' })).filter(({ entityId }) => entityId === ann.id);
      expect(entries).toMatchObject([
        { action: 'change', before: { disabled: true }, after: { disabled: false } },
        { action: 'create', after: { tenant: 'client:app', user_id: 'ann' } },
      ]);
    });

    it('goes with its key', async () => {
      const { id } = await makeKey();
      await one.users.create({ key: id }, { userId: 'ann' }, ANN);
      await one.keys.revoke(id, ANN);
      await one.keys.delete(id, ANN);

      expect(await one.users.list({ limit: 10 })).toEqual([]);
      await eventually(() => one.knownUsers.find(id, 'ann') === undefined);
    });
  });
});
