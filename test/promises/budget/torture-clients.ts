import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { TORTURE_MODELS } from './budget-plan.js';
import type { Payer } from './tenants.js';

/** What became of one request of a client. */
export interface Outcome {
  readonly id: string;
  readonly payer: Payer;
  /** 0 = no answer: the gateway was killed, or the client left. */
  readonly status: number;
  readonly tookMs: number;
}

const MOST_TOKENS = 200;
const LEAVES = 0.1;

function anyOf<T>(things: readonly T[]): T {
  return things[Math.floor(Math.random() * things.length)]!;
}

/** So many clients that call, and call again, whatever the answer; some leave in the middle. */
export class TortureClients {
  readonly outcomes: Outcome[] = [];
  private readonly agent = new Agent({ connections: 200, headersTimeout: 60_000, bodyTimeout: 60_000 });
  private calls = 0;

  constructor(
    private readonly baseUrls: readonly string[],
    private readonly payers: readonly Payer[],
  ) {}

  /** Resolves when the last of them has had its answer. */
  async run(clients: number, forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    await Promise.all(Array.from({ length: clients }, () => this.callUntil(until)));
  }

  async stop(): Promise<void> {
    await this.agent.destroy();
  }

  private async callUntil(until: number): Promise<void> {
    while (performance.now() < until) {
      const status = await this.call();
      // Nothing is gained by asking a full budget as fast as it can refuse.
      if (status !== 200) await sleep(20 + Math.random() * 200);
    }
  }

  private async call(): Promise<number> {
    this.calls += 1;
    const id = `torture-${process.pid}-${this.calls}`;
    const payer = anyOf(this.payers);
    const startedAt = performance.now();
    const leaving = new AbortController();
    const timer = Math.random() < LEAVES ? setTimeout(() => leaving.abort(), Math.random() * 200) : undefined;
    let status = 0;
    try {
      const answer = await request(`${anyOf(this.baseUrls)}/v1/chat/completions`, {
        dispatcher: this.agent,
        method: 'POST',
        signal: leaving.signal,
        headers: { authorization: `Bearer ${payer.key}`, 'content-type': 'application/json', 'x-request-id': id },
        body: bodyOf(id, payer),
      });
      status = answer.statusCode;
      await answer.body.text();
    } catch {
      // The gateway was killed, or this client has left.
    }
    clearTimeout(timer);
    this.outcomes.push({ id, payer, status, tookMs: performance.now() - startedAt });
    return status;
  }
}

function bodyOf(id: string, { user }: Payer): string {
  return JSON.stringify({
    model: anyOf(TORTURE_MODELS).name,
    messages: [{ role: 'user', content: `call:${id} ${'lorem ipsum '.repeat(Math.floor(Math.random() * 20))}` }],
    max_tokens: 1 + Math.floor(Math.random() * MOST_TOKENS),
    ...(Math.random() < 0.5 && { stream: true }),
    ...(Math.random() < 0.2 && { clamp: true }),
    ...(user !== undefined && { user }),
  });
}
