import type { AnswerReader } from '../core/answer.js';
import type { DialectName, JsonBody, ModelRequest } from '../core/call.js';
import type { GatewayError } from '../core/errors.js';
import type { UpstreamHeaders } from '../core/provider.js';

/** One wire format: how a client's request is read, how a provider is asked, how its answer is metered, how errors look. */
export interface ChatDialect {
  readonly name: DialectName;
  parse(body: JsonBody, alwaysStream?: boolean): ModelRequest;
  toUpstreamBody(request: ModelRequest, changes: { model: string; askUsage: boolean; keepProvider: boolean }): Buffer;
  reader(request: ModelRequest): AnswerReader;
  /** What a model reads of the request, for our own count where the provider reports nothing. */
  prompt(request: ModelRequest): { texts: string[]; extraTokens: number };
  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError;
  toError(error: GatewayError, requestId: string): { status: number; body: string };
  /** The same error as the last event of a stream. */
  toErrorFrame(error: GatewayError, requestId: string): string;
}
