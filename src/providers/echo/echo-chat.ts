import type { AnswerEvent } from '../../core/answer-event.js';
import type { ChatDialectName } from '../../core/call.js';
import type { Conversation } from '../../core/conversation.js';
import { NO_USAGE } from '../../core/usage.js';
import { CODECS } from '../../dialects/index.js';
import { type EchoAnswer, echoAnswer, promptTokensOf, wordsOf } from './echo-answer.js';

/** What is asked of the pretend model, in any dialect that chats. */
export interface EchoCall {
  readonly dialect: ChatDialectName;
  /** The parsed body. */
  readonly body: unknown;
  readonly model: string;
  readonly stream: boolean;
  /** Names the answer. */
  readonly id: string;
  readonly createdSeconds: number;
}

/** The bytes of an answer and what kind they are. */
export interface EchoReply {
  readonly status: number;
  readonly contentType: string;
  readonly frames: Iterator<Buffer>;
}

/** The answer in the dialect that asks: one frame if it is plain, about one a word if it is a stream. */
export function replyToChat(call: EchoCall): EchoReply {
  const { dialect, body, model, stream, id, createdSeconds } = call;
  const codec = CODECS[dialect];
  const encoder = codec.encoder({ id, createdSeconds, model, stream, wantsUsage: wantsUsage(dialect, body), request: body });
  const frames = toFrames(codec.decodeRequest(body), (event) => encoder.encode(event));
  return { status: 200, contentType: stream ? `${codec.streamType}; charset=utf-8` : 'application/json', frames };
}

/** Anthropic's count of a conversation, as that API says it. */
export function replyToCount(body: unknown): object {
  return { input_tokens: promptTokensOf(CODECS['anthropic-messages'].decodeRequest(body)) };
}

function* toFrames(conversation: Conversation, encode: (event: AnswerEvent) => string): Generator<Buffer> {
  for (const event of toEvents(conversation)) {
    const text = encode(event);
    if (text !== '') yield Buffer.from(text);
  }
}

function* toEvents(conversation: Conversation): Generator<AnswerEvent> {
  const answer = echoAnswer(conversation);
  const choices = conversation.settings.choices ?? 1;
  yield { kind: 'start' };
  for (let choice = 0; choice < choices; choice++) yield* toChoice(answer, choice);
  const usage = { ...NO_USAGE, input: promptTokensOf(conversation), output: answer.completionTokens * choices };
  yield { kind: 'usage', usage };
  yield { kind: 'end' };
}

function* toChoice({ text, toolCall, finish, stopSequence }: EchoAnswer, choice: number): Generator<AnswerEvent> {
  for (const word of wordsOf(text)) yield { kind: 'text', choice, text: word };
  if (toolCall) {
    const { id, name, isCustom } = toolCall;
    yield { kind: 'tool_call', choice, call: 0, id, name, ...(isCustom && { isCustom }) };
    for (const piece of wordsOf(toolCall.arguments)) yield { kind: 'tool_arguments', choice, call: 0, text: piece };
  }
  yield { kind: 'finish', choice, reason: finish, ...(stopSequence !== undefined && { stopSequence }) };
}

/** Only a stream of Chat Completions has its usage on demand. */
function wantsUsage(dialect: ChatDialectName, body: unknown): boolean {
  const { stream_options: options } = body as { stream_options?: { include_usage?: boolean } | null };
  return dialect !== 'openai-chat' || options?.include_usage === true;
}
