import OpenAI from 'openai';
import { DRILL_MODEL, type GatewayUnderDrill } from '../gateway-under-drill.js';

const MESSAGES = [{ role: 'user' as const, content: 'Say hello.' }];

/** One call of a client, with all that its library made of it. */
export interface ClientCall {
  /** On the scale of `Date.now()`. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Who answered; undefined = it failed. */
  readonly provider: string | undefined;
  readonly error: string | undefined;
}

/** One stream of a client. */
export interface ClientStream extends ClientCall {
  /** The text as far as it came; undefined = nothing came. */
  readonly text: string | undefined;
  readonly isWhole: boolean;
}

/** OpenAI's own library, as it comes: it tries again by itself, under one request id for each call. */
export class SdkClients {
  /** Requests on the wire, retries of the library among them. */
  requests = 0;
  readonly calls: ClientCall[] = [];
  readonly streams: ClientStream[] = [];
  private readonly open = new Set<Promise<void>>();
  private readonly openai: OpenAI;
  private begun = 0;

  constructor({ baseUrl, apiKey }: GatewayUnderDrill) {
    this.openai = new OpenAI({
      baseURL: `${baseUrl}/v1`,
      apiKey,
      fetch: (url, init) => {
        this.requests += 1;
        return fetch(url, init);
      },
    });
  }

  call(): void {
    this.follow(this.makeCall().then((call) => void this.calls.push(call)));
  }

  stream(): void {
    this.follow(this.makeStream().then((stream) => void this.streams.push(stream)));
  }

  /** Resolves when none of what was begun is open. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
  }

  private follow(work: Promise<void>): void {
    const followed = work.finally(() => this.open.delete(followed));
    this.open.add(followed);
  }

  private headers(): { readonly 'x-request-id': string } {
    this.begun += 1;
    return { 'x-request-id': `drill-${this.begun}` };
  }

  private async makeCall(): Promise<ClientCall> {
    const { atMs, tookMs } = timer();
    try {
      const pending = this.openai.chat.completions.create({ model: DRILL_MODEL, messages: MESSAGES }, { headers: this.headers() });
      const { response } = await pending.withResponse();
      return { atMs, tookMs: tookMs(), provider: response.headers.get('x-tollgate-provider') ?? '', error: undefined };
    } catch (error) {
      return { atMs, tookMs: tookMs(), provider: undefined, error: describe(error) };
    }
  }

  private async makeStream(): Promise<ClientStream> {
    const { atMs, tookMs } = timer();
    let text: string | undefined;
    let isWhole = false;
    let provider: string | undefined;
    try {
      const body = { model: DRILL_MODEL, messages: MESSAGES, stream: true as const };
      const { data, response } = await this.openai.chat.completions.create(body, { headers: this.headers() }).withResponse();
      provider = response.headers.get('x-tollgate-provider') ?? '';
      for await (const { choices } of data) {
        text = (text ?? '') + (choices[0]?.delta.content ?? '');
        if (choices[0]?.finish_reason === 'stop') isWhole = true;
      }
      return { atMs, tookMs: tookMs(), provider, error: undefined, text, isWhole };
    } catch (error) {
      return { atMs, tookMs: tookMs(), provider, error: describe(error), text, isWhole };
    }
  }
}

function timer(): { readonly atMs: number; tookMs(): number } {
  const startMs = performance.now();
  return { atMs: Date.now(), tookMs: () => performance.now() - startMs };
}

function describe(error: unknown): string {
  if (error instanceof OpenAI.APIError) return `${error.status ?? 'in the stream'} ${error.code ?? error.message}`;
  return String(error);
}
