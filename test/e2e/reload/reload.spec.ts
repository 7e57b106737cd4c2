import { renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { CLIENT_KEY, PROVIDER_KEY } from '../../support/gateway.js';
import { Pace, ScriptedUpstream } from '../../support/upstream.js';
import { after, answers, refuses, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { FileGateway, routesTo } from './file-gateway.js';

const FRAMES = streamFrames({ usage: 'none' });

describe('a configuration file that changes', () => {
  let one: ScriptedUpstream;
  let two: ScriptedUpstream;
  let gateway: FileGateway;

  beforeEach(async () => {
    [one, two] = [await ScriptedUpstream.start(), await ScriptedUpstream.start()];
    one.always(answers(completion({ content: 'from one' })));
    two.always(answers(completion({ content: 'from two' })));
  });
  afterEach(async () => {
    await gateway.stop();
    await one.stop();
    await two.stop();
  });

  const toOne = (): string => routesTo({ one: one.baseUrl }, { fast: ['one'] });
  const toTwo = (): string => routesTo({ two: two.baseUrl }, { quick: ['two'] });

  it('takes effect by itself: new names answer, old ones are gone, and the version says so', async () => {
    gateway = await FileGateway.start({ 'tollgate.yaml': toOne() });
    const before = await gateway.running();
    expect([await gateway.said('fast'), await gateway.said('quick')]).toEqual(['from one', '404']);

    gateway.write(toTwo());
    const line = await gateway.untilLogged('config_reloaded');

    expect([await gateway.said('fast'), await gateway.said('quick')]).toEqual(['404', 'from two']);
    const { version } = await gateway.running();
    expect(line).toMatchObject({ cause: 'file', version, providers: { added: ['two'], changed: [], removed: ['one'] } });
    expect(version).not.toBe(before.version);
    expect(await gateway.metrics('tollgate_config_')).toEqual([
      `tollgate_config_info{version="${version}"} 1`,
      'tollgate_config_refused 0',
    ]);
  });

  it('is shown with where each value came from, and without a secret', async () => {
    gateway = await FileGateway.start({ 'tollgate.yaml': toOne() });

    const running = await gateway.running();

    expect(running).toMatchObject({ file: path.join(gateway.folder, 'tollgate.yaml'), last_problem: null });
    expect(running.settings).toEqual(
      expect.arrayContaining([
        { name: 'APP_ENV', value: 'test', source: 'environment' },
        { name: 'METRICS_TOKEN', value: '***', source: 'environment' },
        { name: 'providers.one.base_url', value: one.baseUrl, source: 'file' },
        { name: 'providers.one.api_keys', value: ['***'], source: 'environment' },
        { name: 'retry.max_attempts', value: 3, source: 'default' },
      ]),
    );
    expect(JSON.stringify(running)).not.toContain(PROVIDER_KEY);
    expect(JSON.stringify(running)).not.toContain(CLIENT_KEY);
  });

  it('is refused as a whole when something in it is wrong, and what ran goes on', async () => {
    gateway = await FileGateway.start({ 'tollgate.yaml': toOne() });
    const { version } = await gateway.running();

    gateway.write('providers: [{name: two, type: openai-compatible}]\nmodels: [{name: quick, targets: [{provider: tow, model: m}]}]\n');
    const line = await gateway.untilLogged('config_refused');

    expect([await gateway.said('fast'), await gateway.said('quick')]).toEqual(['from one', '404']);
    const running = await gateway.running();
    expect(running.version).toBe(version);
    expect(running.last_problem?.problems).toEqual([
      'providers[0].base_url: is missing; openai-compatible has no address of its own',
      'models[0].targets[0].provider: there is no provider "tow"; did you mean two?',
    ]);
    expect(line).toMatchObject({ level: 50, cause: 'file', problems: running.last_problem?.problems });
    expect(await gateway.metrics('tollgate_config_refused')).toEqual(['tollgate_config_refused 1']);

    gateway.write(toOne());
    await eventually(async () => (await gateway.running()).last_problem === null);
    expect(await gateway.said('fast')).toBe('from one');
  });

  it('may be a ConfigMap, whose folder is put behind another link', async () => {
    gateway = await FileGateway.start({});
    gateway.write(toOne(), 'v1/tollgate.yaml');
    gateway.write(toTwo(), 'v2/tollgate.yaml');
    const link = (target: string, name: string): void => symlinkSync(target, path.join(gateway.folder, name));
    link('v1', '..data');
    link('..data/tollgate.yaml', 'tollgate.yaml');
    await gateway.untilLogged('config_reloaded');
    expect(await gateway.said('fast')).toBe('from one');

    link('v2', '..data_tmp');
    renameSync(path.join(gateway.folder, '..data_tmp'), path.join(gateway.folder, '..data'));
    await gateway.untilLogged('config_reloaded', 2);

    expect([await gateway.said('fast'), await gateway.said('quick')]).toEqual(['404', 'from two']);
  });

  it('may go away: the last one stays in force', async () => {
    gateway = await FileGateway.start({ 'tollgate.yaml': toOne() });

    rmSync(path.join(gateway.folder, 'tollgate.yaml'));
    await gateway.untilLogged('config_refused');

    expect(await gateway.said('fast')).toBe('from one');
    expect((await gateway.running()).last_problem?.problems).toEqual([expect.stringContaining('is gone')]);
  });

  it('changes limits and prices too', async () => {
    const file = JSON.parse(toOne()) as object;
    const price = (input: number) => [{ model: 'm', input, output: 1 }];
    const shownPrice = async (): Promise<number> => {
      const { body } = await gateway.read('/v1/models/one/m', CLIENT_KEY);
      return (JSON.parse(body.toString()) as { pricing: { input: number } }).pricing.input;
    };
    gateway = await FileGateway.start({ 'tollgate.yaml': JSON.stringify({ ...file, prices: price(2) }) });
    expect([await gateway.said('fast'), await shownPrice()]).toEqual(['from one', 2]);

    gateway.write(JSON.stringify({ ...file, prices: price(3), limits: { requests_per_minute: 2 } }));
    expect(await gateway.untilLogged('config_reloaded')).toMatchObject({ sections: ['limits', 'prices'] });

    expect(await shownPrice()).toBe(3);
    expect([await gateway.said('fast'), await gateway.said('fast')]).toEqual(['from one', '429']);
  });

  it('leaves calls in flight their plan: a stream ends whole, and a provider that is gone still steps in', async () => {
    const pace = new Pace();
    let failNow = (): void => undefined;
    const failing = new Promise<void>((resolve) => (failNow = resolve));
    const before = routesTo({ one: one.baseUrl, two: two.baseUrl }, { fast: ['one'], both: ['two', 'one'] });
    gateway = await FileGateway.start({ 'tollgate.yaml': before });
    one.next(streams(FRAMES, { pace }));
    two.next(after(failing, refuses(500)));
    const streaming = await gateway.stream('fast');
    pace.step();
    await streaming.until((bytes) => bytes.length > 0);
    const waiting = gateway.said('both');
    await two.attempt(0);

    gateway.write(toTwo());
    await gateway.untilLogged('config_reloaded');
    expect(await gateway.said('fast')).toBe('404');
    failNow();
    pace.run();

    expect(await waiting).toBe('from one');
    expect((await streaming.answer).body.toString()).toBe(FRAMES.join(''));
  });
});
