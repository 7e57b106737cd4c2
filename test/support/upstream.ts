import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Attempt } from './upstream/attempt.js';
import { answers } from './upstream/behaviours.js';
import { Exchange, type Behaviour } from './upstream/exchange.js';

export type { Attempt } from './upstream/attempt.js';
export type { Behaviour } from './upstream/exchange.js';
export { Pace } from './upstream/pace.js';

/** What a request gets that nobody wrote a script for: a status that no test expects. */
const UNSCRIPTED = answers({ error: { message: 'the upstream has no script for this request', code: 'unscripted' } }, 418);

/**
 * A real HTTP server on a free loopback port that plays a model provider by the script of a test.
 * Each request takes the next behaviour of the script, or the standing one when the script is used up, and is journalled.
 */
export class ScriptedUpstream {
  attempts: Attempt[] = [];
  /** What behaviours threw; a test that ends with any is broken itself. */
  readonly faults: unknown[] = [];
  private script: Behaviour[] = [];
  private standing: Behaviour = UNSCRIPTED;
  private readonly asides = new Map<string, Behaviour>();
  private readonly sockets = new Set<Socket>();
  private arrivals: { readonly index: number; readonly resolve: (attempt: Attempt) => void }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedUpstream> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const upstream = new ScriptedUpstream(server);
    server.on('connection', (socket) => upstream.watch(socket));
    server.on('request', (request, response) => void upstream.play(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The address a provider is configured with. */
  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  get openSockets(): number {
    return this.sockets.size;
  }

  /** The next requests get these, one each, in order. */
  next(...behaviours: Behaviour[]): void {
    this.script.push(...behaviours);
  }

  /** Requests for this path get this behind the script's back, and stand in no journal: what a gateway asks by itself. */
  aside(path: string, behaviour: Behaviour): void {
    this.asides.set(path, behaviour);
  }

  /** Every request gets this when the script is used up. */
  always(behaviour: Behaviour): void {
    this.standing = behaviour;
  }

  /** The attempt with this index since the last `forget`, as soon as its whole request is here. */
  async attempt(index: number): Promise<Attempt> {
    const attempt = this.attempts[index] ?? (await new Promise<Attempt>((resolve) => this.arrivals.push({ index, resolve })));
    await attempt.received;
    return attempt;
  }

  /** Empties script and journal: each test begins with it. */
  forget(): void {
    this.attempts = [];
    this.script = [];
    this.standing = UNSCRIPTED;
    this.arrivals = [];
  }

  /** Closes every socket and the port; a second call does nothing. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const stopped = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await stopped;
    if (this.faults.length > 0) throw new AggregateError(this.faults, 'a scripted behaviour failed');
  }

  private watch(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private async play(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const aside = this.asides.get(request.url ?? '');
    const attempt = aside ? new Attempt(-1, request) : this.journal(request);
    response.on('error', () => undefined);
    response.once('close', () => attempt.close(response.writableFinished));
    const behaviour = aside ?? this.script.shift() ?? this.standing;
    try {
      attempt.receive(await readBody(request));
      await behaviour(new Exchange(attempt, response));
    } catch (error) {
      if (!attempt.closure) this.faults.push(error);
      response.destroy();
    }
  }

  private journal(request: IncomingMessage): Attempt {
    const attempt = new Attempt(this.attempts.length, request);
    this.attempts.push(attempt);
    for (const arrival of this.arrivals) if (arrival.index === attempt.number) arrival.resolve(attempt);
    return attempt;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An address where nobody listens: a connection to it is refused. */
export async function refusedBaseUrl(): Promise<string> {
  const upstream = await ScriptedUpstream.start();
  const { baseUrl } = upstream;
  await upstream.stop();
  return baseUrl;
}
