/** Model answers as OpenAI and its relatives write them, vendor fields included. */

export const USAGE = {
  prompt_tokens: 1200,
  completion_tokens: 80,
  total_tokens: 1280,
  prompt_tokens_details: { cached_tokens: 1000, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
};

export interface Completion {
  readonly content?: string | null;
  readonly usage?: object | null;
  readonly message?: Record<string, unknown>;
  readonly finish_reason?: string;
  /** More members of the answer itself. */
  readonly extra?: Record<string, unknown>;
}

/** A whole chat completion. */
export function completion(answer: Completion = {}): Record<string, unknown> {
  const usage = answer.usage === undefined ? USAGE : answer.usage;
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'scripted-model-2026-11-01',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.content === undefined ? 'Hello.' : answer.content, refusal: null, ...answer.message },
        logprobs: null,
        finish_reason: answer.finish_reason ?? 'stop',
      },
    ],
    ...(usage === null ? {} : { usage }),
    system_fingerprint: 'fp_scripted',
    ...answer.extra,
  };
}

/** A completion written as nobody's serialiser would: only a relay that touches no byte can return it the same. */
export const ODD_COMPLETION = Buffer.from(
  '\n{ "id" : "chatcmpl-odd",\t"object":"chat.completion","created":1.79e9, "model":"scripted-model-2026-11-01",\r\n' +
    ' "x_vendor":{"latency":1.50,"big":12345678901234567890,"same":1,"same":2},\n' +
    ' "choices":[{"finish_reason":"stop","index":0,"message":{"content":"Gr\\u00fc\\u00dfe \\ud83d\\udc4b 世界 \\/","role":"assistant","refusal":null}}],\n' +
    ' "usage":{"total_tokens":12,"prompt_tokens":9,"completion_tokens":3,"x_vendor_tokens":7} }\n\n',
);

export const WEATHER_CALL = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } };

/** An answer that calls the weather tool. */
export function toolCallCompletion(): Record<string, unknown> {
  return completion({ content: null, message: { tool_calls: [WEATHER_CALL] }, finish_reason: 'tool_calls' });
}

/** OpenRouter's way to fail once the model has started: status 200 and an error body with a number for a code. */
export const ERROR_IN_200 = {
  error: { code: 502, message: 'Provider returned error', metadata: { provider_name: 'scripted' } },
  user_id: 'u',
};
