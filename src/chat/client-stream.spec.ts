import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { systemClock } from '../core/clock.js';
import { DIALECTS } from '../dialects/index.js';
import { ClientStream } from './client-stream.js';

const PIECE = Buffer.alloc(64 * 1024);

describe('ClientStream', () => {
  let server: Server;
  let client: Socket;

  /** A response whose client has asked and does not read. */
  async function stalled(): Promise<ServerResponse> {
    const asked = new Promise<ServerResponse>((resolve) => {
      server = createServer((_request, response) => resolve(response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return asked;
  }

  afterEach(() => {
    client.destroy();
    server.close();
  });

  it('waits for a stalled client once, however often something more is written', async () => {
    const raw = await stalled();
    const reply = { raw, request: { id: 'req_1' }, hijack: () => undefined } as unknown as Parameters<typeof ClientStream.hijack>[0];
    const stream = ClientStream.hijack(reply, DIALECTS['openai-chat'], systemClock);
    let drained = 0;
    const resumed = new Promise<void>((resolve) => {
      stream.onDrain = () => {
        drained += 1;
        resolve();
      };
    });
    stream.begin(200, []);
    while (stream.write(PIECE));
    const waiting = raw.listenerCount('drain');

    for (let comment = 0; comment < 20; comment += 1) expect(stream.write(Buffer.from(': keep-alive\n\n'))).toBe(false);

    expect(raw.listenerCount('drain')).toBe(waiting);
    client.resume();
    await resumed;
    expect(drained).toBe(1);
  });
});
