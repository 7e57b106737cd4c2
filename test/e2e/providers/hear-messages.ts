import { expect } from '@jest/globals';
import { eventsOf, Hearing, wireOf, type Heard, type HeardError, type Wire } from './heard.js';

export function hearMessagesPlain(body: string): Heard {
  const message = wireOf(body);
  const hearing = new Hearing();
  if (message['type'] === 'error') hearing.error = errorOf(message);
  else {
    expect(message).toMatchObject({ type: 'message', role: 'assistant' });
    for (const [index, block] of (message['content'] as Wire[]).entries()) {
      hearBlock(block, index, hearing);
      if (block['type'] === 'tool_use') hearing.given(index, JSON.stringify(block['input']));
    }
    hearing.finish = String(message['stop_reason']);
    hearUsage(message['usage'] as Wire, hearing);
  }
  return hearing.heard;
}

/** Also holds the stream to its grammar: every event named, one block open at a time, indices from 0 without a gap. */
export function hearMessagesStream(body: string): Heard {
  const hearing = new Hearing();
  const state: Grammar = { usage: {}, blocks: 0, open: undefined, stopReason: undefined };
  const events = eventsOf(body);
  for (const [at, { name, data }] of events.entries()) {
    const event = wireOf(data);
    expect(name).toBe(event['type']);
    expect(name === 'message_start').toBe(at === 0 && name !== 'error');
    if (name === 'error') {
      expect(at).toBe(events.length - 1);
      hearing.error = errorOf(event);
    } else if (name === 'message_stop') {
      expect([at, state.open]).toEqual([events.length - 1, undefined]);
      hearing.finish = String(state.stopReason);
      hearUsage(state.usage, hearing);
    } else hearEvent(event, state, hearing);
  }
  return hearing.heard;
}

interface Grammar {
  usage: Wire;
  blocks: number;
  open: number | undefined;
  stopReason: unknown;
}

function hearEvent(event: Wire, state: Grammar, hearing: Hearing): void {
  const index = event['index'] as number;
  const delta = event['delta'] as Wire;
  switch (event['type']) {
    case 'message_start':
      state.usage = (event['message'] as { readonly usage: Wire }).usage;
      break;
    case 'content_block_start':
      expect([index, state.open]).toEqual([state.blocks++, undefined]);
      state.open = index;
      hearBlock(event['content_block'] as Wire, index, hearing);
      break;
    case 'content_block_delta':
      expect(index).toBe(state.open);
      hearDelta(delta, index, hearing);
      break;
    case 'content_block_stop':
      expect(index).toBe(state.open);
      state.open = undefined;
      // A tool that takes nothing is called with nothing at all.
      if (hearing.givenTo(index) === '') hearing.given(index, '{}');
      break;
    case 'message_delta':
      state.stopReason = delta['stop_reason'];
      state.usage = { ...state.usage, ...(event['usage'] as Wire) };
      break;
    default:
      expect(event['type']).toBe('ping');
  }
}

function hearBlock(block: Wire, index: number, hearing: Hearing): void {
  switch (block['type']) {
    case 'text':
      hearing.text += String(block['text']);
      break;
    case 'thinking':
      expect(typeof block['signature']).toBe('string');
      hearing.thought += String(block['thinking']);
      break;
    case 'tool_use':
      hearing.call(index, String(block['id']), String(block['name']));
      break;
    default:
      throw new Error(`a content block of type ${String(block['type'])}`);
  }
}

function hearDelta(delta: Wire, index: number, hearing: Hearing): void {
  switch (delta['type']) {
    case 'text_delta':
      hearing.text += String(delta['text']);
      break;
    case 'thinking_delta':
      hearing.thought += String(delta['thinking']);
      break;
    case 'input_json_delta':
      hearing.given(index, String(delta['partial_json']));
      break;
    default:
      expect(delta['type']).toBe('signature_delta');
  }
}

function hearUsage(usage: Wire, hearing: Hearing): void {
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = usage as Record<string, number>;
  const cacheRead = cache_read_input_tokens ?? 0;
  hearing.usage = { prompt: input_tokens! + cacheRead + (cache_creation_input_tokens ?? 0), cacheRead, output: output_tokens! };
}

function errorOf(wire: Wire): HeardError {
  const { type, message, details } = wire['error'] as Wire;
  const code = (details as { readonly error_code?: string } | undefined)?.error_code;
  return { type: String(type), code, message: String(message), requestId: String(wire['request_id']) };
}
