import { expect } from '@jest/globals';
import { eventsOf, Hearing, openaiErrorOf, wireOf, type Heard, type Wire } from './heard.js';

export function hearResponsesPlain(body: string): Heard {
  const response = wireOf(body);
  const hearing = new Hearing();
  if (response['error']) hearing.error = openaiErrorOf(response['error']);
  else {
    (response['output'] as Wire[]).forEach((item, index) => hearItem(item, index, hearing));
    hearEnd(response, hearing);
  }
  return hearing.heard;
}

/** Also holds the stream to its grammar: numbers rise by one, each item begins once and ends as it grew, one last event. */
export function hearResponsesStream(body: string): Heard {
  const hearing = new Hearing();
  const grown = new Hearing();
  const begun = new Map<number, unknown>();
  const events = eventsOf(body);
  for (const [at, { name, data }] of events.entries()) {
    const event = wireOf(data);
    const index = event['output_index'] as number;
    expect(name).toBe(event['type']);
    if (name === 'error') {
      expect(at).toBe(events.length - 1);
      hearing.error = openaiErrorOf(event['error']);
      break;
    }
    expect(event['sequence_number']).toBe(at);
    if (name === 'response.output_item.added') {
      expect(begun.has(index)).toBe(false);
      begun.set(index, (event['item'] as Wire)['id']);
      grow(grown, event);
    } else if (name === 'response.output_item.done') {
      expect((event['item'] as Wire)['id']).toBe(begun.get(index));
      hearItem(event['item'] as Wire, index, hearing);
    } else if (name === 'response.completed' || name === 'response.incomplete') {
      expect(at).toBe(events.length - 1);
      expect(hearResponsesPlain(JSON.stringify(event['response'])).calls).toHaveLength(hearing.heard.calls.length);
      hearEnd(event['response'] as Wire, hearing);
    } else if (name?.endsWith('.delta')) grow(grown, event);
  }
  if (hearing.finish === undefined) return { ...grown.heard, error: hearing.error };
  expectSame(grown, hearing);
  return hearing.heard;
}

/** What came in pieces is what the finished items say. */
function expectSame(grown: Hearing, hearing: Hearing): void {
  grown.finish = hearing.finish;
  const { text, thought, calls } = grown.heard;
  expect(hearing.heard).toMatchObject({ text, thought, calls });
}

function grow(grown: Hearing, event: Wire): void {
  const index = event['output_index'] as number;
  const item = event['item'] as Wire | undefined;
  if (item?.['type'] === 'function_call') grown.call(index, String(item['call_id']), String(item['name']));
  const piece = String(event['delta']);
  if (event['type'] === 'response.output_text.delta') grown.text += piece;
  if (event['type'] === 'response.reasoning_summary_text.delta') grown.thought += piece;
  if (event['type'] === 'response.function_call_arguments.delta') grown.given(index, piece);
}

function hearItem(item: Wire, index: number, hearing: Hearing): void {
  const textOf = (parts: unknown): string => (parts as { text: string }[]).map(({ text }) => text).join('');
  switch (item['type']) {
    case 'message':
      hearing.text += textOf(item['content']);
      break;
    case 'reasoning':
      hearing.thought += textOf(item['summary']);
      break;
    case 'function_call':
      hearing.call(index, String(item['call_id']), String(item['name']));
      hearing.given(index, String(item['arguments']));
      break;
    default:
      throw new Error(`an output item of type ${String(item['type'])}`);
  }
}

/** `completed`, or the reason why it is not. */
function hearEnd(response: Wire, hearing: Hearing): void {
  expect(response).toMatchObject({ object: 'response', error: null });
  const details = response['incomplete_details'] as { readonly reason: string } | null;
  expect(response['status']).toBe(details ? 'incomplete' : 'completed');
  hearing.finish = details?.reason ?? 'completed';
  const usage = response['usage'] as WireUsage | null;
  if (usage)
    hearing.usage = { prompt: usage.input_tokens, cacheRead: usage.input_tokens_details.cached_tokens, output: usage.output_tokens };
}

interface WireUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens: number;
}
