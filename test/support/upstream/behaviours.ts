import type { OutgoingHttpHeaders } from 'node:http';
import type { Behaviour, Exchange } from './exchange.js';
import type { Pace } from './pace.js';

export const JSON_TYPE: OutgoingHttpHeaders = { 'content-type': 'application/json' };
const DRIP_BYTES = 7;
export const SSE_TYPE: OutgoingHttpHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

/** A whole answer at once, with a content-length. An object is sent as JSON; text and bytes go as they are. */
export function answers(body: object | string | Buffer, status = 200, headers: OutgoingHttpHeaders = JSON_TYPE): Behaviour {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return async (exchange) => {
    exchange.head(status, { ...headers, 'content-length': bytes.length });
    await exchange.write(bytes);
    exchange.end();
  };
}

/** An error as OpenAI words it. */
export function refuses(status: number, error: Record<string, unknown> = {}, headers: OutgoingHttpHeaders = {}): Behaviour {
  const body = { error: { message: `scripted ${status}`, type: 'scripted_error', param: null, code: null, ...error } };
  return answers(body, status, { ...JSON_TYPE, ...headers });
}

export interface StreamOptions {
  /** Each segment waits for a step. */
  readonly pace?: Pace;
  /** What happens when all is written; a clean end unless said otherwise. */
  readonly finally?: Behaviour;
  readonly headers?: OutgoingHttpHeaders;
}

/** Streams the segments one by one, each in a TCP segment of its own. */
export function streams(segments: readonly (string | Buffer)[], options: StreamOptions = {}): Behaviour {
  return async (exchange) => {
    exchange.head(200, options.headers ?? SSE_TYPE);
    for (const segment of segments) {
      if (options.pace) await Promise.race([options.pace.next(), exchange.attempt.closed]);
      await exchange.write(segment);
    }
    await (options.finally ?? end)(exchange);
  };
}

/** Says nothing more and keeps the socket open until the peer closes it. */
export const hangs: Behaviour = async (exchange) => {
  await exchange.attempt.closed;
};

/** Sends the head of a stream or of a plain answer, then hangs. */
export function hangsAfterHead(headers: OutgoingHttpHeaders): Behaviour {
  return (exchange) => {
    exchange.head(200, headers);
    return hangs(exchange);
  };
}

/** Closes the socket where the answer stands. */
export const cuts: Behaviour = (exchange) => exchange.cut();

/** Closes it with a TCP reset. */
export const resets: Behaviour = (exchange) => exchange.reset();

export const end: Behaviour = (exchange) => exchange.end();

/** A plain answer of which only the first `bytes` arrive, although its head promises all of it. */
export function cutsPlainAfter(body: object, bytes: number): Behaviour {
  const whole = Buffer.from(JSON.stringify(body));
  return async (exchange) => {
    exchange.head(200, { ...JSON_TYPE, 'content-length': whole.length });
    await exchange.write(whole.subarray(0, bytes));
    exchange.cut();
  };
}

/** Streams `frame` over and over, `times` times, as fast as the peer reads; then what `last` holds, and the end. */
export function pours(frame: Buffer, times: number, last: string): Behaviour {
  return async (exchange: Exchange) => {
    exchange.head(200, SSE_TYPE);
    for (let written = 0; written < times && !exchange.closed; written += 1) await exchange.write(frame);
    await exchange.write(last);
    exchange.end();
  };
}

/** Waits for `opened` before it does anything. */
export function after(opened: Promise<unknown>, behaviour: Behaviour): Behaviour {
  return async (exchange) => {
    await Promise.race([opened, exchange.attempt.closed]);
    await behaviour(exchange);
  };
}

/** Says nothing for so long before it does anything. */
export function lags(ms: number, behaviour: Behaviour): Behaviour {
  return (exchange) => after(new Promise((resolve) => setTimeout(resolve, ms)), behaviour)(exchange);
}

/** Says `frame` again every `everyMs`, `times` times or until the peer closes, before it goes on. */
export function drips(frame: string, everyMs: number, times: number, behaviour: Behaviour = end): Behaviour {
  return async (exchange) => {
    exchange.head(200, SSE_TYPE);
    for (let said = 0; said < times && !exchange.closed; said += 1) {
      await exchange.write(frame);
      await Promise.race([new Promise((resolve) => setTimeout(resolve, everyMs)), exchange.attempt.closed]);
    }
    await behaviour(exchange);
  };
}

/** The frames and the end of a stream whose head is sent already. */
export function continues(frames: readonly string[]): Behaviour {
  return async (exchange) => {
    for (const frame of frames) await exchange.write(frame);
    exchange.end();
  };
}

/** A whole answer, a few bytes at a time, with `everyMs` between them; whoever leaves in between has left. */
export function dripsBytes(body: string, headers: OutgoingHttpHeaders, everyMs: number): Behaviour {
  const bytes = Buffer.from(body);
  return async (exchange) => {
    exchange.head(200, headers);
    for (let at = 0; at < bytes.length && !exchange.closed; at += DRIP_BYTES) {
      await exchange.write(bytes.subarray(at, at + DRIP_BYTES));
      await Promise.race([new Promise((resolve) => setTimeout(resolve, everyMs)), exchange.attempt.closed]);
    }
    exchange.end();
  };
}
