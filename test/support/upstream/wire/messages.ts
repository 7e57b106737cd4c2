import { finishOf, piecesOf, PLAYED_USAGE, SSE, type Asked, type PlayedAnswer, type PlayedUsage, type WireVoice } from './played-answer.js';

type Wire = Record<string, unknown>;

const STOP_REASONS = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', content_filter: 'refusal' };

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function usageOf({ input, cacheRead, cacheWrite }: PlayedUsage, output: number): Wire {
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

function blocksOf({ text, reasoning, toolCalls = [] }: PlayedAnswer): Wire[] {
  return [
    ...(reasoning ? [{ type: 'thinking', thinking: reasoning.text, signature: reasoning.signature ?? '' }] : []),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...toolCalls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
  ];
}

function messageOf(model: string, state: Wire): Wire {
  return {
    id: 'msg_scripted',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...state,
  };
}

function plain(answer: PlayedAnswer, { model }: Asked): Wire {
  const usage = answer.usage ?? PLAYED_USAGE;
  return messageOf(model, {
    content: blocksOf(answer),
    stop_reason: STOP_REASONS[finishOf(answer)],
    usage: { ...usageOf(usage, usage.output), output_tokens_details: { thinking_tokens: usage.reasoning } },
  });
}

/** A block as it begins, and the deltas that make it whole. */
function inPieces(block: Wire): { readonly start: Wire; readonly deltas: readonly Wire[] } {
  switch (block['type']) {
    case 'thinking': {
      const pieces = piecesOf(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking }));
      const proof = { type: 'signature_delta', signature: block['signature'] };
      return { start: { ...block, thinking: '', signature: '' }, deltas: block['signature'] === '' ? pieces : [...pieces, proof] };
    }
    case 'tool_use': {
      const json = JSON.stringify(block['input']);
      // A call without arguments sends an empty piece and nothing else.
      const pieces = json === '{}' ? [''] : ['', ...piecesOf(json)];
      return { start: { ...block, input: {} }, deltas: pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })) };
    }
    default:
      return { start: { ...block, text: '' }, deltas: piecesOf(String(block['text'])).map((text) => ({ type: 'text_delta', text })) };
  }
}

function eventFrame(event: Wire): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
}

function frames(answer: PlayedAnswer, { model }: Asked): string[] {
  const usage = answer.usage ?? PLAYED_USAGE;
  const blocks = blocksOf(answer).flatMap((block, index) => {
    const { start, deltas } = inPieces(block);
    return [
      { type: 'content_block_start', index, content_block: start },
      ...(index === 0 ? [{ type: 'ping' }] : []),
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  const end = {
    type: 'message_delta',
    delta: { stop_reason: STOP_REASONS[finishOf(answer)], stop_sequence: null },
    usage: { output_tokens: usage.output, output_tokens_details: { thinking_tokens: usage.reasoning } },
  };
  const start = { type: 'message_start', message: messageOf(model, { usage: usageOf(usage, 1) }) };
  return [start, ...blocks, end, { type: 'message_stop' }].map(eventFrame);
}

function errorOf(type: string, message: string): Wire {
  return { type: 'error', error: { type, message }, request_id: 'req_scripted' };
}

export const MESSAGES_VOICE: WireVoice = {
  streamType: SSE,
  plain,
  frames,
  error: (status, message) => errorOf(TYPES[status] ?? 'api_error', message),
  errorFrame: (message) => eventFrame(errorOf('overloaded_error', message)),
};
