import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { completion } from '../support/upstream/openai-answers.js';
import { streamFrames } from '../support/upstream/openai-frames.js';
import { lastingPort } from './lasting-port.js';

const ANSWER = Buffer.from(JSON.stringify(completion({ content: 'Hello.' })));
const ERROR = Buffer.from(JSON.stringify({ error: { message: 'out of order', type: 'server_error', param: null, code: null } }));

/** Its streams: a word a frame. */
export const WORDS = Array.from({ length: 20 }, (_, at) => `word-${at} `);
const FRAMES = streamFrames({ text: WORDS, usage: 'none' });

/** One request that came to a provider. */
export interface Asked {
  /** `Date.now()` when it came. */
  readonly atMs: number;
  readonly failed: boolean;
}

/** A provider on loopback that can be taken down and brought back at its address, or left up and failing. It journals what it is asked. */
export class StubProvider {
  readonly journal: Asked[] = [];
  private isFailing = false;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly port: number,
    private readonly frameEveryMs: number,
  ) {}

  static async start(frameEveryMs = 0): Promise<StubProvider> {
    const stub = new StubProvider(await lastingPort(), frameEveryMs);
    await stub.revive();
    return stub;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Every answer is an error 500 from now on. */
  fail(): void {
    this.isFailing = true;
  }

  /** Cuts every connection as it stands; new ones are refused. */
  kill(): void {
    this.server?.close();
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
  }

  async revive(): Promise<void> {
    this.isFailing = false;
    if (!this.server && !(await this.listen())) throw new Error(`Port ${this.port} was taken while its provider was down.`);
  }

  private listen(): Promise<boolean> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.answer(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket.on('error', () => undefined));
      socket.once('close', () => this.sockets.delete(socket));
    });
    return new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(this.port, '127.0.0.1', () => {
        this.server = server;
        resolve(true);
      });
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.journal.push({ atMs: Date.now(), failed: this.isFailing });
    response.on('error', () => undefined);
    const body = await readText(request).catch(() => '');
    if (this.isFailing) respond(response, 500, ERROR);
    else if (body.includes('"stream":true')) this.stream(response);
    else respond(response, 200, ANSWER);
  }

  private stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    let sent = 0;
    const timer = setInterval(() => {
      response.write(FRAMES[sent]!);
      sent += 1;
      if (sent < FRAMES.length) return;
      clearInterval(timer);
      response.end();
    }, this.frameEveryMs);
    response.once('close', () => clearInterval(timer));
  }
}

function respond(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
