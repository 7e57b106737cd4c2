import { type EchoAnswer, wordsOf } from './echo-answer.js';

/** What one answer's frames have in common. */
export interface EchoHead {
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
}

/** The answer as a Chat Completions object. */
export function toChatCompletion(head: EchoHead, answers: readonly EchoAnswer[]): Buffer {
  const choices = answers.map((answer, index) => ({
    index,
    message: {
      role: 'assistant',
      content: answer.text,
      refusal: null,
      ...(answer.toolCalls.length > 0 && { tool_calls: answer.toolCalls.map(toToolCall) }),
    },
    logprobs: null,
    finish_reason: answer.finishReason,
  }));
  return Buffer.from(JSON.stringify({ ...head, object: 'chat.completion', choices, usage: toUsage(answers) }));
}

/** The answer as the frames of a Chat Completions stream, one word at a time, usage chunk and `[DONE]` included. */
export function* toChatChunks(head: EchoHead, answers: readonly EchoAnswer[], withUsage: boolean): Generator<Buffer> {
  const frame = (choices: readonly object[], usage: object | null): Buffer =>
    Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...(withUsage && { usage }) })}\n\n`);
  for (const [index, answer] of answers.entries()) {
    yield frame([{ index, delta: { role: 'assistant', content: answer.text === null ? null : '' }, finish_reason: null }], null);
    for (const delta of deltasOf(answer)) yield frame([{ index, delta, finish_reason: null }], null);
    yield frame([{ index, delta: {}, finish_reason: answer.finishReason }], null);
  }
  if (withUsage) yield frame([], toUsage(answers));
  yield Buffer.from('data: [DONE]\n\n');
}

function* deltasOf(answer: EchoAnswer): Generator<object> {
  for (const word of wordsOf(answer.text ?? '')) yield { content: word };
  for (const [index, call] of answer.toolCalls.entries()) {
    yield { tool_calls: [{ ...toToolCall(call), index, function: { name: call.name, arguments: '' } }] };
    for (const piece of wordsOf(call.arguments)) yield { tool_calls: [{ index, function: { arguments: piece } }] };
  }
}

function toToolCall(call: EchoAnswer['toolCalls'][number]): object {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function toUsage(answers: readonly EchoAnswer[]): object {
  const prompt = answers[0]?.promptTokens ?? 0;
  const completion = answers.reduce((sum, answer) => sum + answer.completionTokens, 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
