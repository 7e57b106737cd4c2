import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { makeSelfSigned } from './self-signed.js';

/** A name longer than names can be: no resolver is asked for it, so that it fails the same without a network. */
const NO_NAME = `${'x'.repeat(64)}.invalid`;

/** Addresses at which no provider can be reached, each for a reason of its own. */
export class Unreachable {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly sockets: ReadonlySet<Socket>,
    /** Nobody listens there. */
    readonly refused: string,
    /** The name leads nowhere. */
    readonly nameless: string,
    /** Where TLS is meant, and HTTP is spoken. */
    readonly plainForTls: string,
    /** Its certificate is signed by itself alone. */
    readonly selfSigned: string,
    /** Takes a connection and never says a word of TLS. */
    readonly deafToTls: string,
  ) {}

  static async open(): Promise<Unreachable> {
    const gone = await listen(createServer());
    const plain = await listen(createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    const signed = await listen(createTlsServer(makeSelfSigned(), (_, response) => response.end()));
    const deaf = await listen(createServer((socket) => socket.resume()));
    const refused = originOf('http', gone);
    await close(gone);
    const servers = [plain, signed, deaf];
    const sockets = new Set<Socket>();
    for (const server of servers) {
      server.on('connection', (socket: Socket) => {
        sockets.add(socket.on('error', () => undefined));
        socket.once('close', () => sockets.delete(socket));
      });
    }
    const [plainForTls, selfSigned, deafToTls] = servers.map((server) => originOf('https', server)) as [string, string, string];
    return new Unreachable(servers, sockets, refused, `http://${NO_NAME}`, plainForTls, selfSigned, deafToTls);
  }

  /** At all of them together. */
  get openSockets(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map(close));
  }
}

async function listen(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function originOf(scheme: 'http' | 'https', server: Server): string {
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
