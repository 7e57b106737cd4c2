import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { RawClient } from '../../support/raw-client.js';
import { Pace, ScriptedUpstream } from '../../support/upstream.js';
import { streams } from '../../support/upstream/behaviours.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL } from '../stage.js';

const FRAMES = streamFrames({ usage: 'none' });
const USAGE_AND_DONE = streamFrames().slice(-2);
/** Nothing is left to wait for: this is how long the stores take to say goodbye, with much to spare. */
const AT_ONCE_MS = 3_000;

describe('a gateway that is told to stop', () => {
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start();
    gateway = await startGateway({ providers: [scriptedProvider(upstream.baseUrl)], drain: { timeoutMs: 10_000, settleMs: 0 } });
  });
  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it.each([
    ['its provider reports the usage', [...FRAMES.slice(0, -1), ...USAGE_AND_DONE], 'provider'],
    ['the usage must be counted', FRAMES, 'counted'],
  ])('lets a stream under way come to its end, writes its row, and takes no new call (%s)', async (_, frames, usage_source) => {
    const pace = new Pace();
    upstream.next(streams(frames, { pace }));
    pace.step();
    const headers = { ...CALL_HEADERS, 'x-request-id': 'under-way' };
    const body = JSON.stringify({ model: MODEL, messages: MESSAGES, stream: true });
    const client = await RawClient.send(gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body });
    await client.until((bytes) => bytes.length > 0);

    const stopped = gateway.app.close();
    await refusal(gateway.baseUrl);
    pace.run();

    expect((await client.answer).body.toString()).toBe(FRAMES.join(''));
    await stopped;
    expect(await gateway.ledger.row('under-way')).toMatchObject({ ending: 'complete', status: 200, usage_source });
  });

  it('does not wait for connections that ask nothing', async () => {
    const { hostname, port } = new URL(gateway.baseUrl);
    const accepted = once(gateway.app.getHttpServer(), 'connection');
    const silent = connect(Number(port), hostname);
    await accepted;

    const outcome = await Promise.race([
      gateway.app.close().then(() => 'stopped'),
      new Promise((resolve) => setTimeout(() => resolve('still waiting'), AT_ONCE_MS)),
    ]);
    silent.destroy();

    expect(outcome).toBe('stopped');
  });
});

/** Resolves once the port takes no more connections. */
async function refusal(baseUrl: string): Promise<void> {
  const { hostname, port } = new URL(baseUrl);
  for (;;) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname, () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });
    if (refused) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
