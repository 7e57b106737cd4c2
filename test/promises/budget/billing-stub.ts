import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunk, DONE, frame } from '../../support/upstream/openai-frames.js';

/** What the provider knows of one attempt: this is the truth that budgets and ledger are held against. */
export interface JournalEntry {
  /** The call that it was made for, as the prompt names it. */
  readonly call: string;
  readonly model: string;
  inputTokens: number;
  /** Billed: all of a plain answer, of a stream what was written before it ended. */
  outputTokens: number;
  outcome: 'whole' | 'cut' | 'refused' | 'under way';
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly messages: readonly { readonly content: string }[];
  readonly stream_options?: { readonly include_usage?: boolean };
}

const WORD = 'word ';
const FAULTS = { refuse: 0.05, limit: 0.03, cut: 0.04 };

/** A provider that bills: it answers after a while, refuses some calls, cuts some streams, and writes down what each attempt cost. */
export class BillingStub {
  readonly journal: JournalEntry[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.answer(request, response));
  }

  static async start(): Promise<BillingStub> {
    const stub = new BillingStub();
    stub.server.listen(0, '127.0.0.1');
    await once(stub.server, 'listening');
    return stub;
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
    const body = await readText(request).catch(() => '');
    if (!body.startsWith('{')) return void response.destroy();
    const asked = JSON.parse(body) as Asked;
    const prompt = asked.messages.map(({ content }) => content).join('\n');
    const call = /call:(\S+)/.exec(prompt)?.[1] ?? 'unknown';
    const entry: JournalEntry = { call, model: asked.model, inputTokens: 0, outputTokens: 0, outcome: 'under way' };
    this.journal.push(entry);
    await sleep(5 + Math.random() * 120);
    const luck = Math.random();
    if (luck < FAULTS.refuse) return refuse(entry, response, 500);
    if (luck < FAULTS.refuse + FAULTS.limit) return refuse(entry, response, 429);
    // Fewer than any tokenizer makes of it: a provider that bills more than it was sent is not what budgets are about.
    entry.inputTokens = 1 + Math.floor(Math.random() * (prompt.length / 8));
    const most = asked.max_completion_tokens ?? asked.max_tokens ?? 64;
    const tokens = 1 + Math.floor(Math.random() * most);
    if (asked.stream) await stream(entry, response, tokens, Math.random() < FAULTS.cut, asked.stream_options?.include_usage === true);
    else plain(entry, response, tokens);
  }
}

function refuse(entry: JournalEntry, response: ServerResponse, status: number): void {
  entry.outcome = 'refused';
  const body = JSON.stringify({ error: { message: 'not now', type: 'server_error', param: null, code: null } });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

function plain(entry: JournalEntry, response: ServerResponse, tokens: number): void {
  entry.outputTokens = tokens;
  entry.outcome = 'whole';
  const choices = [{ index: 0, message: { role: 'assistant', content: WORD.repeat(tokens) }, finish_reason: 'stop' }];
  const body = JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: entry.model, choices, usage: usageOf(entry) });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

async function stream(entry: JournalEntry, response: ServerResponse, tokens: number, isCut: boolean, wantsUsage: boolean): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const pieces = Math.min(tokens, 8);
  for (let piece = 0; piece < pieces && !response.destroyed; piece += 1) {
    const count = Math.floor((tokens * (piece + 1)) / pieces) - Math.floor((tokens * piece) / pieces);
    response.write(frame(chunk([{ index: 0, delta: { content: WORD.repeat(count) }, finish_reason: null }])));
    entry.outputTokens += count;
    await sleep(Math.random() * 30);
    if (isCut && piece >= pieces / 2) break;
  }
  if (isCut || response.destroyed) {
    entry.outcome = 'cut';
    response.destroy();
    return;
  }
  entry.outcome = 'whole';
  response.write(frame(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])));
  if (wantsUsage) response.write(frame(chunk([], { usage: usageOf(entry) })));
  response.end(DONE);
}

function usageOf({ inputTokens, outputTokens }: JournalEntry): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}
