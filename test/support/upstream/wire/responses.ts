import { openaiError } from './chat.js';
import { finishOf, piecesOf, PLAYED_USAGE, SSE, wholePrompt, type Asked, type PlayedAnswer, type WireVoice } from './played-answer.js';

type Wire = Record<string, unknown>;

const INCOMPLETE: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' };

/** The response as it stands: everything the service repeats of a request, and what has come of the answer. */
function responseOf({ model, body }: Asked, state: Wire): Wire {
  const tools = (body['tools'] ?? []) as readonly Wire[];
  return {
    id: 'resp_scripted',
    object: 'response',
    created_at: 1_790_000_000,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    model,
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: tools.map((tool) => (tool['type'] === 'function' ? { strict: true, ...tool } : tool)),
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: null,
    metadata: body['metadata'] ?? {},
    ...state,
  };
}

/** The finished items of an answer. */
function itemsOf({ text, reasoning, toolCalls = [] }: PlayedAnswer): Wire[] {
  const thought = reasoning && {
    id: 'rs_scripted',
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: reasoning.text }],
    ...(reasoning.signature === undefined ? {} : { encrypted_content: reasoning.signature }),
  };
  const message = text !== undefined && {
    id: 'msg_scripted',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', annotations: [], logprobs: [], text }],
  };
  const calls = toolCalls.map(({ id, name, arguments: given }, index) => ({
    id: `fc_scripted_${index}`,
    type: 'function_call',
    status: 'completed',
    arguments: JSON.stringify(given),
    call_id: id,
    name,
  }));
  return [...(thought ? [thought] : []), ...(message ? [message] : []), ...calls];
}

function endOf(answer: PlayedAnswer): Wire {
  const usage = answer.usage ?? PLAYED_USAGE;
  const reason = INCOMPLETE[finishOf(answer)];
  return {
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: itemsOf(answer),
    usage: {
      input_tokens: wholePrompt(usage),
      input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning },
      total_tokens: wholePrompt(usage) + usage.output,
    },
  };
}

/** The events of one item between its first and its last, and the item as it begins. */
function eventsOf(item: Wire, output_index: number): Wire[] {
  const at = { item_id: item['id'], output_index };
  const of = (type: string, members: Wire): Wire => ({ type: `response.${type}`, ...members });
  const begins = (state: Wire): Wire => of('output_item.added', { output_index, item: { ...item, ...state } });
  const ends = of('output_item.done', { output_index, item });
  if (item['type'] === 'function_call') {
    const given = String(item['arguments']);
    const pieces = piecesOf(given).map((delta) => of('function_call_arguments.delta', { ...at, delta }));
    const whole = of('function_call_arguments.done', { ...at, name: item['name'], arguments: given });
    return [begins({ status: 'in_progress', arguments: '' }), ...pieces, whole, ends];
  }
  const [part] = (item['type'] === 'reasoning' ? item['summary'] : item['content']) as [Wire];
  const text = String(part['text']);
  if (item['type'] === 'reasoning') {
    const place = { ...at, summary_index: 0 };
    const { encrypted_content: _proof, ...bare } = item;
    return [
      of('output_item.added', { output_index, item: { ...bare, summary: [] } }),
      of('reasoning_summary_part.added', { ...place, part: { ...part, text: '' } }),
      ...piecesOf(text).map((delta) => of('reasoning_summary_text.delta', { ...place, delta, obfuscation: 'x1' })),
      of('reasoning_summary_text.done', { ...place, text }),
      of('reasoning_summary_part.done', { ...place, part }),
      ends,
    ];
  }
  const place = { ...at, content_index: 0 };
  return [
    begins({ status: 'in_progress', content: [] }),
    of('content_part.added', { ...place, part: { ...part, text: '' } }),
    ...piecesOf(text).map((delta) => of('output_text.delta', { ...place, delta, logprobs: [], obfuscation: 'x1' })),
    of('output_text.done', { ...place, text, logprobs: [] }),
    of('content_part.done', { ...place, part }),
    ends,
  ];
}

function eventFrame(event: Wire, sequence_number: number): string {
  const { type, ...members } = event;
  return `event: ${String(type)}\ndata: ${JSON.stringify({ type, sequence_number, ...members })}\n\n`;
}

function frames(answer: PlayedAnswer, asked: Asked): string[] {
  const end = endOf(answer);
  const last = { type: `response.${String(end['status'])}`, response: responseOf(asked, end) };
  const first = ['created', 'in_progress'].map((type) => ({ type: `response.${type}`, response: responseOf(asked, {}) }));
  return [...first, ...itemsOf(answer).flatMap((item, index) => eventsOf(item, index)), last].map(eventFrame);
}

export const RESPONSES_VOICE: WireVoice = {
  streamType: SSE,
  plain: (answer, asked) => responseOf(asked, endOf(answer)),
  frames,
  error: openaiError,
  // The published schema is flat; the service nests the error.
  errorFrame: (message, position) =>
    eventFrame({ type: 'error', error: { type: 'server_error', code: 'server_error', message, param: null } }, position),
};

/** The other way in which the service gives up: the response has failed. */
export function failedResponseFrame(message: string, position: number): string {
  const asked = { model: 'scripted', stream: true, body: {} };
  const response = responseOf(asked, { status: 'failed', error: { code: 'server_error', message } });
  return eventFrame({ type: 'response.failed', response }, position);
}
