import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP address in front of a server that can be shut, opened and made deaf, while the server itself knows nothing of it. */
export class Gate {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private deaf = false;
  private delayMs = 0;
  private readonly late = new Set<() => void>();

  private constructor(
    private target: URL,
    readonly port: number,
  ) {}

  /** Shut at first: connections are refused. */
  static async before(url: string): Promise<Gate> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return new Gate(new URL(url), port);
  }

  /** The target's address by way of the gate. */
  get url(): string {
    return Object.assign(new URL(this.target), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }

  async open(): Promise<void> {
    this.server = createServer((socket) => this.pass(socket)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Leads to another server from now on; connections to the one before break. */
  redirect(url: string): void {
    this.target = new URL(url);
    for (const socket of this.sockets) socket.destroy();
  }

  /** Refuses new connections and breaks those that exist. */
  async shut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
    this.server = undefined;
  }

  /** Connections are taken and kept, but nothing passes any more: what a frozen server looks like. */
  silence(): void {
    this.deaf = true;
    for (const socket of this.sockets) socket.pause();
  }

  restore(): void {
    this.deaf = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Whatever passes from now on does so that much later; 0 = at once. What was late until now arrives. */
  slow(ms: number): void {
    for (const arrive of this.late) arrive();
    this.delayMs = ms;
  }

  private pass(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      this.carry(from, to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.deaf) from.pause();
    }
  }

  /** In order: what follows a chunk that is late is no earlier. */
  private carry(from: Socket, to: Socket): void {
    let late = 0;
    let before: Promise<unknown> = Promise.resolve();
    from.on('data', (chunk) => {
      if (this.delayMs === 0 && late === 0) return void to.write(chunk);
      late += 1;
      before = Promise.all([before, this.delay()]).then(() => {
        late -= 1;
        if (to.writable) to.write(chunk);
      });
    });
  }

  private delay(): Promise<void> {
    return new Promise((resolve) => {
      const arrive = (): void => {
        clearTimeout(timer);
        this.late.delete(arrive);
        resolve();
      };
      const timer = setTimeout(arrive, this.delayMs);
      this.late.add(arrive);
    });
  }
}
