import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import type { JournalEntry } from '../budget/billing-stub.js';

/** Of each call. */
const TOKENS = { inputTokens: 5, outputTokens: 50 };
const USAGE = { prompt_tokens: TOKENS.inputTokens, completion_tokens: TOKENS.outputTokens, total_tokens: 55 };

const PLAIN = JSON.stringify(completion({ content: 'word '.repeat(TOKENS.outputTokens), usage: USAGE }));
const WORDS = Array.from({ length: TOKENS.outputTokens }, (_, at) => `word-${at} `);
const FRAMES = streamFrames({ text: WORDS, usage: 'none', done: false });
const LAST = `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`;

/** A provider that answers every call whole and bills the same for each; it tells just before the last of its answer goes out. */
export class AnsweringProvider {
  readonly journal: JournalEntry[] = [];
  private readonly server: Server;

  private constructor(private readonly answers: (call: string) => void) {
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.answer(request, response));
  }

  /** `answers` is given the call as the prompt names it. */
  static async start(answers: (call: string) => void): Promise<AnsweringProvider> {
    const provider = new AnsweringProvider(answers);
    provider.server.listen(0, '127.0.0.1');
    await once(provider.server, 'listening');
    return provider;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const asked = JSON.parse(await readText(request)) as { readonly model: string; readonly stream?: boolean };
    const call = /call:([\w-]+)/.exec(JSON.stringify(asked))?.[1] ?? 'unknown';
    response.writeHead(200, { 'content-type': asked.stream ? 'text/event-stream' : 'application/json' });
    if (asked.stream) for (const frame of FRAMES) response.write(frame);
    this.journal.push({ call, model: asked.model, ...TOKENS, outcome: 'whole' });
    this.answers(call);
    response.end(asked.stream ? LAST : PLAIN);
  }
}
