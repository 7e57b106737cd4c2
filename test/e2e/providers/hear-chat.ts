import { expect } from '@jest/globals';
import { eventsOf, Hearing, openaiErrorOf, wireOf, type Heard, type Wire } from './heard.js';

interface WireCall {
  readonly index?: number;
  readonly id?: string;
  readonly type?: string;
  readonly function: { readonly name?: string; readonly arguments: string };
}

export function hearChatPlain(body: string): Heard {
  const answer = wireOf(body);
  const hearing = new Hearing();
  if (answer['error']) hearing.error = openaiErrorOf(answer['error']);
  else {
    expect(answer['object']).toBe('chat.completion');
    const [{ message, finish_reason }] = answer['choices'] as [{ message: Wire; finish_reason: string }];
    expect(message).toMatchObject({ role: 'assistant' });
    expect(message).toHaveProperty('content');
    hearSaid(message, hearing);
    for (const [index, call] of ((message['tool_calls'] ?? []) as WireCall[]).entries()) {
      expect(call.type).toBe('function');
      hearing.call(index, call.id!, call.function.name!);
      hearing.given(index, call.function.arguments);
    }
    hearing.finish = finish_reason;
    hearUsage(answer['usage'], hearing);
  }
  return hearing.heard;
}

/** Also holds the stream to its grammar: one id, one finish, usage in a chunk of its own, `[DONE]` last of a whole one. */
export function hearChatStream(body: string): Heard {
  const hearing = new Hearing();
  const events = eventsOf(body);
  const ids = new Set<unknown>();
  let finish: string | undefined;
  for (const [at, { data }] of events.entries()) {
    if (data === '[DONE]') {
      expect(at).toBe(events.length - 1);
      hearing.finish = finish;
      continue;
    }
    const chunk = wireOf(data);
    if (chunk['error']) {
      expect(at).toBe(events.length - 1);
      hearing.error = openaiErrorOf(chunk['error']);
      continue;
    }
    expect(chunk['object']).toBe('chat.completion.chunk');
    ids.add(chunk['id']);
    for (const choice of chunk['choices'] as { delta: Wire; finish_reason: string | null }[]) {
      hearDelta(choice.delta, hearing);
      finish = choice.finish_reason ?? finish;
    }
    hearUsage(chunk['usage'], hearing);
  }
  expect(ids.size).toBeLessThanOrEqual(1);
  return hearing.heard;
}

function hearDelta(delta: Wire, hearing: Hearing): void {
  hearSaid(delta, hearing);
  for (const { index, id, function: called } of (delta['tool_calls'] ?? []) as WireCall[]) {
    if (!hearing.hasCall(index!)) hearing.call(index!, id!, called.name!);
    hearing.given(index!, called.arguments);
  }
}

function hearSaid(said: Wire, hearing: Hearing): void {
  hearing.text += (said['content'] as string | null | undefined) ?? '';
  // OpenRouter calls it `reasoning`, and its answers are relayed as they are.
  hearing.thought += (said['reasoning_content'] as string | undefined) ?? (said['reasoning'] as string | undefined) ?? '';
}

function hearUsage(usage: unknown, hearing: Hearing): void {
  if (usage == null) return;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details } = usage as Record<string, number> & {
    readonly prompt_tokens_details?: { readonly cached_tokens: number };
  };
  expect(total_tokens).toBe(prompt_tokens! + completion_tokens!);
  hearing.usage = { prompt: prompt_tokens!, cacheRead: prompt_tokens_details?.cached_tokens ?? 0, output: completion_tokens! };
}
