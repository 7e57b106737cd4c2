import {
  finishOf,
  piecesOf,
  PLAYED_USAGE,
  wholePrompt,
  type Asked,
  type PlayedAnswer,
  type PlayedCall,
  type WireVoice,
} from './played-answer.js';

type Wire = Record<string, unknown>;

const CREATED = '2026-11-01T12:00:00.123456789Z';

function toWireCall({ id, name, arguments: given }: PlayedCall, index: number): Wire {
  return { id, function: { index, name, arguments: given } };
}

/** What the last line, or a plain answer, says besides the message. `stop` also where tools were called. */
function endOf(answer: PlayedAnswer): Wire {
  const usage = answer.usage ?? PLAYED_USAGE;
  return {
    done: true,
    done_reason: finishOf(answer) === 'length' ? 'length' : 'stop',
    total_duration: 4_883_583_458,
    load_duration: 1_334_875,
    prompt_eval_count: wholePrompt(usage),
    prompt_eval_duration: 342_546_000,
    eval_count: usage.output,
    eval_duration: 4_535_599_000,
  };
}

function plain(answer: PlayedAnswer, { model }: Asked): Wire {
  const { text, reasoning, toolCalls } = answer;
  const message = {
    role: 'assistant',
    content: text ?? '',
    ...(reasoning && { thinking: reasoning.text }),
    ...(toolCalls?.length ? { tool_calls: toolCalls.map(toWireCall) } : {}),
  };
  return { model, created_at: CREATED, message, ...endOf(answer) };
}

function frames(answer: PlayedAnswer, { model }: Asked): string[] {
  const { text = '', reasoning, toolCalls = [] } = answer;
  const line = (message: Wire, end: Wire = { done: false }): string =>
    `${JSON.stringify({ model, created_at: CREATED, message: { role: 'assistant', content: '', ...message }, ...end })}\n`;
  return [
    ...piecesOf(reasoning?.text ?? '').map((thinking) => line({ thinking })),
    ...piecesOf(text).map((content) => line({ content })),
    ...toolCalls.map((call, index) => line({ tool_calls: [toWireCall(call, index)] })),
    line({}, endOf(answer)),
  ];
}

export const OLLAMA_VOICE: WireVoice = {
  streamType: 'application/x-ndjson',
  streamsUnasked: true,
  plain,
  frames,
  error: (_status, message) => ({ error: message }),
  errorFrame: (message) => `${JSON.stringify({ error: message })}\n`,
};
