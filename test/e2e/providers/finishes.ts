/** Why an answer ended, in the words of each dialect, by those of Chat Completions. */
export const FINISHES: Readonly<Record<string, Readonly<Record<'stop' | 'tool_calls' | 'length' | 'content_filter', string>>>> = {
  'openai-chat': { stop: 'stop', tool_calls: 'tool_calls', length: 'length', content_filter: 'content_filter' },
  'openai-responses': { stop: 'completed', tool_calls: 'completed', length: 'max_output_tokens', content_filter: 'content_filter' },
  'anthropic-messages': { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens', content_filter: 'refusal' },
};
