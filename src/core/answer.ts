import type { GatewayError } from './errors.js';
import type { ProviderId } from './provider-state.js';
import type { Usage } from './usage.js';

/**
 * Reads one provider's answer as it arrives and says which bytes may go on to the client: whole frames only, never half a
 * line or half a character. One instance per answer; it translates and meters, and does no I/O.
 */
export interface AnswerReader {
  /** What may go on now; empty while nothing may. Nothing goes on before the first event has come. */
  read(chunk: Buffer): Buffer;
  /** The body is over: the last bytes. Throws `upstream_protocol` if the answer was not finished. */
  end(): Buffer;
  /** The answer has said that it is over, whatever the provider's connection does afterwards. */
  readonly isDone: boolean;
  /** Set once the provider has reported an error inside its answer; whatever follows it is not read. */
  readonly failure: GatewayError | undefined;
  /** What has been read so far; also asked for after a cut. */
  readonly reading: AnswerReading;
  /** What the provider keeps for this tenant since this answer, as far as it has been read. */
  readonly ids?: readonly ProviderId[];
}

export interface AnswerReading {
  /** The provider's own figures, if it gave any. */
  readonly usage: Usage | undefined;
  /** The provider's own price of the call, in nano-dollars. */
  readonly costNanoUsd: bigint | undefined;
  /** Faster or cheaper than usual, by a short name of a closed set; undefined = the usual one, or none that is known. */
  readonly serviceTier: string | undefined;
  /** What was generated, as far as it came: for our own count where the provider says nothing. */
  generatedText(): string;
}

export const NO_BYTES: Buffer = Buffer.alloc(0);
