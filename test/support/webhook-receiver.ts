import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a webhook was sent. */
export interface ReceivedMessage {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Behaviour = (message: ReceivedMessage, response: ServerResponse) => void;

/** A real HTTP server that webhooks can point to. It answers 200, until told otherwise. */
export class WebhookReceiver {
  readonly received: ReceivedMessage[] = [];
  connections = 0;
  private behaviour: Behaviour = answersWith(200);

  private constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(host = '127.0.0.1'): Promise<WebhookReceiver> {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    return new WebhookReceiver(server, host);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${this.host}:${this.port}/hook?token=secret`;
  }

  /** From now on. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const message = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    this.received.push(message);
    this.behaviour(message, response);
  }
}

export function answersWith(status: number, headers: Record<string, string> = {}, body = 'ok'): Behaviour {
  return (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Takes the message and says nothing. */
export const saysNothing: Behaviour = () => undefined;
