import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What the wire is set for. */
export interface Trap {
  /** The message, counted from 1, that passes no more, nor does anything after it. */
  readonly at: number;
  /** Stands in what a client says of the matter that is looked at; messages of nothing else are not counted. */
  readonly mark: string;
  /** Finds what else the matter is called by, in a message with the mark; its first group. */
  readonly alias: RegExp;
  /** In the turn in which the message has come, and before anything else is done with it. */
  trip(): void;
}

/** Counts what is said of one matter through any of its proxies, and what is answered, and trips just before a certain message. */
export class Tripwire {
  private trap: Trap | undefined;
  private marks: readonly string[] = [];
  private counted = 0;
  private lastAt = -Infinity;
  private way: string | undefined;
  private known = false;

  /** Counting begins now. */
  set(trap: Trap): void {
    this.clear();
    this.trap = trap;
    this.marks = [trap.mark];
    this.lastAt = performance.now();
  }

  /** From now on everything passes, and nothing is counted. */
  clear(): void {
    this.trap = undefined;
    this.marks = [];
    this.counted = 0;
    this.way = undefined;
    this.known = false;
  }

  /** Which way the message went that was stopped; undefined until one is. From then on nothing passes. */
  get stopped(): string | undefined {
    return this.way;
  }

  /** A server has answered to something with the mark in it, whether or not the answer passed. */
  get isKnown(): boolean {
    return this.known;
  }

  /** Milliseconds since something was counted, or since it was set. */
  get quietMs(): number {
    return performance.now() - this.lastAt;
  }

  isMarked(message: Buffer): boolean {
    if (!this.marks.some((mark) => message.includes(mark))) return false;
    const alias = this.trap!.alias.exec(message.toString('latin1'))?.[1];
    if (alias !== undefined) this.marks = [this.trap!.mark, alias];
    return true;
  }

  count(way: string, isAnswer: boolean): void {
    if (!this.trap || this.way !== undefined) return;
    this.known ||= isAnswer;
    this.counted += 1;
    this.lastAt = performance.now();
    if (this.counted !== this.trap.at) return;
    this.trap.trip();
    this.way = way;
  }
}

/** A TCP address in front of a server, of which every chunk passes by a wire. */
export class CountingProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly server: Server,
  ) {}

  /** `name` is what the server is called where the wire tells of it. */
  static async before(url: string, name: string, wire: Tripwire): Promise<CountingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new CountingProxy(new URL(url), server);
    server.on('connection', (client: Socket) => proxy.pass(client, name, wire));
    return proxy;
  }

  /** The target's address by way of the proxy. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return Object.assign(new URL(this.target), { hostname: '127.0.0.1', port: String(port) }).href;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What has passed arrives, also where nothing more does: a connection is closed in order, as by the system of a process that was killed. */
  private pass(client: Socket, name: string, wire: Tripwire): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    // Answers carry no mark: they are those that come after a question with one, at least one, until something else is asked.
    let [isAsked, isAnswered] = [false, false];
    client.on('data', (message) => {
      if (wire.isMarked(message)) {
        [isAsked, isAnswered] = [true, false];
        wire.count(`to ${name}`, false);
      } else if (isAnswered) isAsked = false;
      if (wire.stopped === undefined) server.write(message);
      else server.end();
    });
    server.on('data', (message) => {
      isAnswered = true;
      if (isAsked) wire.count(`from ${name}`, true);
      if (wire.stopped === undefined) client.write(message);
    });
    this.join(client, server);
    this.join(server, client);
  }

  private join(socket: Socket, other: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => other.end());
    socket.on('close', () => {
      this.sockets.delete(socket);
      other.end();
    });
  }
}
