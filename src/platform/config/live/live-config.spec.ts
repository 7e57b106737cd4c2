import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfig } from '../../../../test/support/config.js';
import type { Config } from '../config.js';
import { LiveConfig, type ReloadOutcome } from './live-config.js';

const ECHO = 'providers: [{name: echo}]\n';

describe('LiveConfig', () => {
  let cwd: string;
  let live: LiveConfig;
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const env: Record<string, string> = {};

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'tollgate-live-'));
    clock.ms = 1_000;
  });
  afterEach(() => {
    rmSync(cwd, { recursive: true });
    for (const name of Object.keys(env)) delete env[name];
  });

  const write = (text: string, name = 'tollgate.yaml'): void => writeFileSync(join(cwd, name), text);
  const load = (text?: string): LiveConfig => {
    if (text !== undefined) write(text);
    return (live = LiveConfig.load({ env, cwd }, clock));
  };
  /** A moment later. */
  const reload = (text?: string): ReloadOutcome => {
    clock.ms += 1_000;
    if (text !== undefined) write(text);
    return live.reload();
  };

  it('puts what the file now says in force, for those too who were given it before', () => {
    const { view } = load(`${ECHO}limits: {concurrency: 1}`);
    const version = live.version;

    const result = reload(`${ECHO}limits: {concurrency: 2}`);

    expect(result).toMatchObject({ outcome: 'reloaded', changes: { sections: ['limits'] } });
    expect([view.limits.concurrency, live.current.limits.concurrency]).toEqual([2, 2]);
    expect(live).toMatchObject({ loadedAt: 2_000, file: join(cwd, 'tollgate.yaml'), lastProblem: undefined });
    expect(live.version).not.toBe(version);
  });

  it('names a content, and only that, by its version', () => {
    const first = load(`${ECHO}limits: {concurrency: 1}`).version;
    const again = load(`# with a remark\n${ECHO}limits:\n  concurrency: 1`).version;
    const other = load(`${ECHO}limits: {concurrency: 2}`).version;

    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('says which providers came, changed and went', () => {
    load('providers: [{name: a, type: echo}, {name: b, type: echo}, {name: c, type: echo}]');

    const result = reload('providers: [{name: d, type: echo}, {name: b, type: echo, priority: 7}, {name: c, type: echo}]');

    expect(result).toMatchObject({ changes: { providers: { added: ['d'], changed: ['b'], removed: ['a'] } } });
  });

  it('refuses a file with all that is wrong with it, and changes nothing', () => {
    load(`${ECHO}limits: {concurrency: 1}`);
    const { version, current } = live;

    const result = reload('providers: [{name: echo, weight: 0}]\nlimits: {concurency: 2}');

    const problems = ['providers[0].weight: expected an integer ≥ 1, found 0', 'limits.concurency: unknown key; did you mean concurrency?'];
    expect(result).toEqual({ outcome: 'refused', problems: expect.arrayContaining(problems) });
    expect([live.version, live.current, live.loadedAt]).toEqual([version, current, 1_000]);
    expect(live.lastProblem).toEqual({ at: 2_000, problems: expect.arrayContaining(problems) });
  });

  it('forgets the problem when the file is right again, though nothing has changed', () => {
    load(ECHO);
    reload('providers: nonsense');

    expect(reload(ECHO)).toEqual({ outcome: 'unchanged' });
    expect(live).toMatchObject({ lastProblem: undefined, loadedAt: 1_000 });
  });

  it('refuses that the file is gone, and takes it when it is back', () => {
    load(ECHO);
    renameSync(join(cwd, 'tollgate.yaml'), join(cwd, 'away.yaml'));

    expect(reload()).toEqual({ outcome: 'refused', problems: [expect.stringContaining('tollgate.yaml: is gone')] });
    expect(reload(`${ECHO}limits: {concurrency: 3}`).outcome).toBe('reloaded');
  });

  it('has nothing to do without a file, and finds one that appears', () => {
    load();
    expect(live.file).toBeUndefined();

    expect(reload()).toEqual({ outcome: 'unchanged' });
    expect(reload(ECHO)).toMatchObject({ outcome: 'reloaded' });
    expect(live.file).toBe(join(cwd, 'tollgate.yaml'));
  });

  it('keeps the variables of the start, those of `.env` among them', () => {
    env.MAX_REQUESTS_PER_MINUTE = '7';
    write('MAX_REQUESTS_PER_HOUR=70', '.env');
    load(ECHO);
    env.MAX_REQUESTS_PER_MINUTE = '8';
    write('MAX_REQUESTS_PER_HOUR=80', '.env');

    reload(`${ECHO}limits: {concurrency: 2}`);

    expect(live.current.limits).toMatchObject({ requestsPerMinute: 7, requestsPerHour: 70, concurrency: 2 });
  });

  it("takes a provider's new key from its file, and says of other secrets that they need a restart", () => {
    for (const name of ['PROVIDER', 'GATE']) env[`${name}_KEY_FILE`] = join(cwd, name);
    env.API_KEYS_FILE = join(cwd, 'GATE');
    write('provider-key-1', 'PROVIDER');
    write('gateway-key-number-one', 'GATE');
    const yaml = 'providers: [{name: p, type: openai-compatible, base_url: "http://127.0.0.1:9/v1", api_key_env: PROVIDER_KEY}]';
    load(yaml);

    write('provider-key-2', 'PROVIDER');
    write('gateway-key-number-two', 'GATE');
    const result = reload();

    expect(result).toMatchObject({ outcome: 'reloaded', changes: { providers: { changed: ['p'] } }, needRestart: ['keys'] });
    expect(live.current.providers[0]?.apiKeys.map((key) => key.reveal())).toEqual(['provider-key-2']);
    expect(live.current.keys.clients.map(({ key }) => key.reveal())).toEqual(['gateway-key-number-one']);
  });

  it('says once what is new to remark', () => {
    load(ECHO);
    const noted = `${ECHO}templates: ./templates\n`;

    expect(reload(noted)).toMatchObject({ remarks: ['templates is set, but this version does nothing with it yet.'] });
    expect(reload(`${noted}limits: {concurrency: 2}`)).toMatchObject({ remarks: [] });
  });

  describe('with rooms that make something of it', () => {
    const heard: string[] = [];
    const room = (name: string, refuses = false): void =>
      live.onChange((next: Config) => {
        if (refuses) throw new Error(`${name} cannot`);
        heard.push(`${name} prepares ${next.limits.concurrency} at ${live.current.limits.concurrency}`);
        return {
          apply: () => heard.push(`${name} applies at ${live.current.limits.concurrency}`),
          discard: () => heard.push(`${name} discards`),
        };
      });

    beforeEach(() => {
      heard.length = 0;
      load(`${ECHO}limits: {concurrency: 1}`);
    });

    it('lets all of them make ready before any of them changes', () => {
      room('first');
      room('second');

      reload(`${ECHO}limits: {concurrency: 2}`);

      expect(heard).toEqual(['first prepares 2 at 1', 'second prepares 2 at 1', 'first applies at 2', 'second applies at 2']);
    });

    it('changes nothing if one of them cannot', () => {
      room('first');
      room('second', true);

      const result = reload(`${ECHO}limits: {concurrency: 2}`);

      expect(result).toEqual({ outcome: 'refused', problems: ['Error: second cannot'] });
      expect(heard).toEqual(['first prepares 2 at 1', 'first discards']);
      expect(live.current.limits.concurrency).toBe(1);
    });

    it('asks none of them if nothing has changed', () => {
      room('first');

      reload(`# only a remark\n${ECHO}limits: {concurrency: 1}`);

      expect(heard).toEqual([]);
    });
  });

  describe('looks at its file', () => {
    const isKnown = async (): Promise<boolean> => live.knows(await live.look());

    it.each<[string, () => void]>([
      ['written', () => write(`${ECHO}limits: {concurrency: 2}`)],
      [
        'renamed over',
        () => {
          write(`${ECHO}limits: {concurrency: 2}`, 'new.yaml');
          renameSync(join(cwd, 'new.yaml'), join(cwd, 'tollgate.yaml'));
        },
      ],
      ['gone', () => rmSync(join(cwd, 'tollgate.yaml'))],
    ])('and sees that it was %s, until it is read', async (_, change) => {
      load(ECHO);
      expect(await isKnown()).toBe(true);

      change();
      expect(await isKnown()).toBe(false);

      reload();
      expect(await isKnown()).toBe(true);
    });

    it('and sees that a folder of links leads to another, as a ConfigMap does', async () => {
      for (const [folder, concurrency] of [
        ['v1', 1],
        ['v2', 2],
      ]) {
        mkdirSync(join(cwd, String(folder)));
        write(`${ECHO}limits: {concurrency: ${concurrency}}`, `${folder}/tollgate.yaml`);
      }
      symlinkSync('v1', join(cwd, '..data'));
      symlinkSync('..data/tollgate.yaml', join(cwd, 'tollgate.yaml'));
      load();

      symlinkSync('v2', join(cwd, '..next'));
      renameSync(join(cwd, '..next'), join(cwd, '..data'));

      expect(await isKnown()).toBe(false);
      reload();
      expect(live.current.limits.concurrency).toBe(2);
    });

    it('also where there is none yet', async () => {
      load();
      expect(await isKnown()).toBe(true);

      write(ECHO);

      expect(await isKnown()).toBe(false);
    });
  });

  it('that was not read is not read again', () => {
    const config = testConfig();
    live = LiveConfig.of(config, clock);

    expect(reload(ECHO)).toEqual({ outcome: 'unchanged' });
    expect(live.view.app).toBe(config.app);
  });
});
