import type { ReasoningProof } from './conversation.js';
import type { Usage } from './usage.js';

/** Why a model stopped. `pause`: the provider wants the turn to be sent back and goes on (Anthropic's `pause_turn`). */
export type FinishReason = 'stop' | 'stop_sequence' | 'length' | 'tool_calls' | 'content_filter' | 'pause';

/**
 * One thing that an answer says, in no dialect's words. A plain answer is the same events at once, so that streamed and plain
 * answers cannot differ. `choice` counts the answers from 0; `call` counts the tool calls of one choice from 0.
 * The order of an answer: `start`, then for each choice its parts, its `finish`; `usage` anywhere (the last one counts); `end`.
 * A `reasoning_proof` closes the thought before it.
 */
export type AnswerEvent =
  | { readonly kind: 'start'; readonly model?: string; readonly serviceTier?: string }
  | { readonly kind: 'text'; readonly choice: number; readonly text: string; readonly logprobs?: readonly unknown[] }
  | { readonly kind: 'citation'; readonly choice: number; readonly citation: Citation }
  | { readonly kind: 'reasoning'; readonly choice: number; readonly text: string }
  | { readonly kind: 'reasoning_proof'; readonly choice: number; readonly proof: ReasoningProof }
  | { readonly kind: 'refusal'; readonly choice: number; readonly text: string }
  | {
      readonly kind: 'tool_call';
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly isCustom?: boolean;
    }
  /** A piece of the arguments; those of one call may come between the pieces of another. */
  | { readonly kind: 'tool_arguments'; readonly choice: number; readonly call: number; readonly text: string }
  | { readonly kind: 'finish'; readonly choice: number; readonly reason: FinishReason; readonly stopSequence?: string }
  /**
   * All that was used so far, never an increment. The service tier is the one that was answered in, where it is known better than at
   * the start. Before `start` it is for the meter alone.
   */
  | { readonly kind: 'usage'; readonly usage: Usage; readonly costNanoUsd?: bigint; readonly serviceTier?: string }
  /** The answer is whole. Nothing follows. */
  | { readonly kind: 'end' };

/** Where a text comes from: a page of the web, or a place in a document of the request. */
export interface Citation {
  readonly url?: string;
  readonly title?: string;
  readonly citedText?: string;
}

export type EventSink = (event: AnswerEvent) => void;

/**
 * Reads a provider's answer of one dialect, however its bytes are cut, and tells its sink. Both methods throw a `GatewayError`
 * for an error that the provider reports and for what is no answer of the dialect; `end` also for an answer that is not whole.
 */
export interface AnswerDecoder {
  read(chunk: Buffer): void;
  end(): void;
}

/** Writes an answer in a client's dialect: what goes to the client because of one event; empty where nothing does. */
export interface AnswerEncoder {
  encode(event: AnswerEvent): string;
}
