import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testProvider } from '../../test/support/config.js';
import { eventually } from '../../test/support/eventually.js';
import { silentLog } from '../../test/support/silent-log.js';
import { Pace, ScriptedUpstream } from '../../test/support/upstream.js';
import { answers, streams } from '../../test/support/upstream/behaviours.js';
import { systemClock } from '../core/clock.js';
import type { Provider } from '../core/provider.js';
import { type ProviderConfig, Secret } from '../platform/index.js';
import { LiveProviders } from './live-providers.js';

const REQUEST = { endpoint: 'openai-chat', headers: {}, model: 'm', stream: false, body: Buffer.from('{}') } as const;
/** What undici says of a pool that is being closed, or is. */
const CLOSED = /client is (?:closed|destroyed)/;
const SHORT = { connectMs: 1_000, firstTokenMs: 10, idleMs: 10, totalMs: 10 };

describe('LiveProviders', () => {
  let upstream: ScriptedUpstream;
  let live: LiveProviders;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start();
    upstream.always(answers({ ok: true }));
  });
  afterEach(async () => {
    await live.onApplicationShutdown();
    await upstream.stop();
  });

  const config = (name: string, changes: Partial<ProviderConfig> = {}): ProviderConfig =>
    testProvider({ name, type: 'openai-compatible', baseUrl: upstream.baseUrl, apiKeys: [new Secret(`key-of-${name}`)], ...changes });
  const open = (...providers: ProviderConfig[]): LiveProviders => (live = new LiveProviders({ providers }, systemClock, silentLog));
  const change = (...providers: ProviderConfig[]): void => live.prepare({ providers }).apply();
  const names = (): string[] => [...live.byName.keys()];

  it('has those that are switched on, in order of priority, always in the same map', () => {
    const { byName } = open(config('b', { priority: 2 }), config('off', { enabled: false }), config('a', { priority: 1 }));
    expect(names()).toEqual(['a', 'b']);

    change(config('a', { priority: 3 }), config('b', { priority: 2 }), config('c', { priority: 1 }), config('echo', { type: 'echo' }));

    expect(names()).toEqual(['c', 'echo', 'b', 'a']);
    expect(live.byName).toBe(byName);
  });

  it('keeps the object of one that stays the same, and makes one anew that changes, if only its key does', () => {
    const { byName } = open(config('same'), config('other-key'), config('other-model'));
    const [same, otherKey, otherModel] = [...byName.values()];

    change(config('same'), config('other-key', { apiKeys: [new Secret('key-2')] }), config('other-model', { models: ['m'] }));

    expect(byName.get('same')).toBe(same);
    expect(byName.get('other-key')).not.toBe(otherKey);
    expect(byName.get('other-model')).not.toBe(otherModel);
  });

  it('changes nothing before it is to, and nothing at all if it is not to', async () => {
    open(config('a'));
    const before = live.byName.get('a');

    const prepared = live.prepare({ providers: [config('a', { weight: 9 }), config('b')] });
    expect([...prepared.providers.keys()]).toEqual(['a', 'b']);
    prepared.discard();

    expect([...live.byName]).toEqual([['a', before]]);
    expect(await answerOf(before!)).toBe('{"ok":true}');
    expect(await answerOf(prepared.providers.get('b')!)).toMatch(CLOSED);
  });

  it('lets a stream of one that is gone come to its end', async () => {
    const pace = new Pace();
    upstream.next(streams(['data: 1\n\n', 'data: 2\n\n'], { pace }));
    open(config('a', { timeouts: SHORT }));
    const gone = live.byName.get('a')!;
    const answer = answerOf(gone, true);
    await upstream.attempt(0);
    pace.step();

    change(config('b'));
    await eventually(async () => CLOSED.test(await answerOf(gone)));
    pace.run();

    expect(await answer).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('lets a call that had it in its plan still ask one that is gone', async () => {
    open(config('a'));
    const gone = live.byName.get('a')!;

    change();

    expect(await answerOf(gone)).toBe('{"ok":true}');
  });

  it('closes what is in use and what is gone when the gateway stops', async () => {
    const stopping = open(config('a'));
    const gone = live.byName.get('a')!;
    change(config('b'));
    open();

    await stopping.onApplicationShutdown();

    expect(await answerOf(gone)).toMatch(CLOSED);
    expect(await answerOf(stopping.byName.get('b')!)).toMatch(CLOSED);
  });

  it('asks for the models of those that come, and no longer for those of the ones that go', async () => {
    const ollama = (name: string) => config(name, { type: 'ollama', baseUrl: upstream.origin });
    upstream.always(answers({ models: [{ name: 'llama' }] }));
    open(ollama('a'));
    live.onApplicationBootstrap();
    await eventually(() => live.byName.get('a')!.discovered!().length > 0);

    change(ollama('b'));

    await eventually(() => live.byName.get('b')!.discovered!().length > 0);
    expect(upstream.attempts.map(({ apiKey }) => apiKey)).toEqual(['key-of-a', 'key-of-b']);
  });
});

/** The whole answer, or what went wrong; a provider that says neither fails the test by its time. */
function answerOf(provider: Provider, stream = false): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    provider.send(
      { ...REQUEST, stream },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve(Buffer.concat(chunks).toString()),
        onResponseError: (_, error) => resolve(error.message),
      },
    );
  });
}
