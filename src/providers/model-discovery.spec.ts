import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ModelDiscovery } from './model-discovery.js';

const MINUTE = 60_000;

/** A server that says what it is told to say, and a log of what was reported. */
function stage() {
  const lines: string[] = [];
  const server: { answer: readonly string[] | Error; asked: number; stop?: AbortSignal } = { answer: [], asked: 0 };
  const fetchModels = (stop: AbortSignal): Promise<readonly string[]> => {
    server.asked += 1;
    server.stop = stop;
    const { answer } = server;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([...answer]);
  };
  const discovery = new ModelDiscovery({ fetchModels, everyMs: MINUTE });
  const report = {
    found: (models: readonly string[]) => lines.push(`found ${models.join(' ')}`),
    failed: (error: unknown) => lines.push(String(error)),
  };
  return { lines, server, discovery, start: () => discovery.start(report) };
}

describe('ModelDiscovery', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('knows nothing before the first answer, and asks again each minute', async () => {
    const { discovery, server, start } = stage();
    server.answer = ['a'];

    start();
    expect(discovery.models).toEqual([]);
    await pass(0);
    expect(discovery.models).toEqual(['a']);

    server.answer = ['a', 'b'];
    await pass(MINUTE);
    expect([discovery.models, server.asked]).toEqual([['a', 'b'], 2]);
  });

  it('gives the same list until the models are others', async () => {
    const { discovery, server, start } = stage();
    server.answer = ['a'];
    start();
    await pass(0);
    const first = discovery.models;

    await pass(MINUTE);
    expect(discovery.models).toBe(first);

    server.answer = [];
    await pass(MINUTE);
    expect(discovery.models).toEqual([]);
  });

  it('keeps the last list while asking fails, and says each change once', async () => {
    const { discovery, server, lines, start } = stage();
    server.answer = ['a'];
    start();
    await pass(0);

    server.answer = new Error('refused');
    await pass(3 * MINUTE);
    expect(discovery.models).toEqual(['a']);
    server.answer = ['a'];
    await pass(2 * MINUTE);

    expect(lines).toEqual(['found a', 'Error: refused', 'found a']);
  });

  it('asks no more once it is stopped, and gives up what it is asking', async () => {
    const { discovery, server, lines, start } = stage();
    start();
    await pass(0);
    server.answer = new Error('aborted');
    await pass(MINUTE - 1);

    discovery.stop();
    await pass(5 * MINUTE);

    expect(server.asked).toBe(1);
    expect(server.stop?.aborted).toBe(true);
    expect(lines).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin again when it is stopped in the middle of asking', async () => {
    const { discovery, server, start } = stage();

    start();
    discovery.stop();
    await pass(5 * MINUTE);

    expect([server.asked, jest.getTimerCount()]).toEqual([1, 0]);
  });
});
