import type { ChatDialectName } from '../../src/core/call.js';
import type { Feature } from '../../src/core/features.js';

export type ChatClientName = Exclude<ChatDialectName, 'ollama'>;
/** The least request that uses a feature, and the field that says so, as its dialect writes it. */
export type Sample = readonly [body: Readonly<Record<string, unknown>>, field: string];

type Body = Readonly<Record<string, unknown>>;

const TEXT = 'Hello';
const FUNCTION = { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } };
const OTHER = { name: 'g', parameters: { type: 'object', properties: { b: { type: 'string' } } } };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const PNG = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjQK';

const chat = (more: Body): Body => ({ model: 'm', messages: [{ role: 'user', content: TEXT }], ...more });
const chatUser = (part: Body): Body => chat({ messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }, part] }] });
const chatSaid = (message: Body): Body =>
  chat({
    messages: [
      { role: 'user', content: TEXT },
      { role: 'assistant', ...message },
      { role: 'user', content: 'Go on' },
    ],
  });
const chatTools = (more: Body, tool: Body = {}): Body =>
  chat({
    tools: [
      { type: 'function', function: { ...FUNCTION, ...tool } },
      { type: 'function', function: OTHER },
    ],
    ...more,
  });

const responses = (more: Body): Body => ({ model: 'm', input: TEXT, ...more });
const responsesItems = (...items: readonly Body[]): Body => responses({ input: [{ role: 'user', content: TEXT }, ...items] });
const responsesUser = (part: Body): Body => responses({ input: [{ role: 'user', content: [{ type: 'input_text', text: TEXT }, part] }] });
const responsesSaid = (item: Body): Body => responsesItems(item, { role: 'user', content: 'Go on' });
const responsesTools = (more: Body, tool: Body = {}): Body =>
  responses({
    tools: [
      { type: 'function', ...FUNCTION, strict: false, ...tool },
      { type: 'function', ...OTHER, strict: false },
    ],
    ...more,
  });
const responsesResult = (output: unknown): Body =>
  responsesItems(
    { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output },
  );

const messages = (more: Body): Body => ({ model: 'm', max_tokens: 2048, messages: [{ role: 'user', content: TEXT }], ...more });
const messagesUser = (block: Body): Body => messages({ messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }, block] }] });
const messagesSaid = (block: Body): Body =>
  messages({
    messages: [
      { role: 'user', content: TEXT },
      { role: 'assistant', content: [block, { type: 'text', text: 'Hi' }] },
      { role: 'user', content: 'Go on' },
    ],
  });
const messagesTools = (more: Body, tool: Body = {}): Body => {
  const [one, two] = [FUNCTION, OTHER].map(({ name, parameters }) => ({ name, input_schema: parameters }));
  return messages({ tools: [{ ...one, ...tool }, two], ...more });
};
const messagesResult = (result: Body): Body =>
  messages({
    messages: [
      { role: 'user', content: TEXT },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', ...result }] },
    ],
  });

const DATA = (type: string, data: string): string => `data:${type};base64,${data}`;
const A1 = 'messages[0].content[1]';
const I1 = 'input[0].content[1]';

/** For each feature the clients that can ask for it. */
export const SAMPLES: Readonly<Record<Feature, Readonly<Partial<Record<ChatClientName, Sample>>>>> = {
  'message.name': { 'openai-chat': [chat({ messages: [{ role: 'user', content: TEXT, name: 'ann' }] }), 'messages[0].name'] },
  'text.citations': {
    'openai-chat': [
      chatSaid({ content: 'Hi', annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.test' } }] }),
      'messages[1].annotations',
    ],
    'openai-responses': [
      responsesSaid({ role: 'assistant', content: [{ type: 'output_text', text: 'Hi', annotations: [{ type: 'url_citation' }] }] }),
      'input[1].content[0].annotations',
    ],
    'anthropic-messages': [
      messagesSaid({ type: 'text', text: 'So', citations: [{ type: 'char_location' }] }),
      'messages[1].content[0].citations',
    ],
  },
  'image.base64': {
    'openai-chat': [chatUser({ type: 'image_url', image_url: { url: DATA('image/png', PNG) } }), A1],
    'openai-responses': [responsesUser({ type: 'input_image', image_url: DATA('image/png', PNG) }), I1],
    'anthropic-messages': [messagesUser({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }), A1],
  },
  'image.url': {
    'openai-chat': [chatUser({ type: 'image_url', image_url: { url: 'https://a.test/i.png' } }), A1],
    'openai-responses': [responsesUser({ type: 'input_image', image_url: 'https://a.test/i.png' }), I1],
    'anthropic-messages': [messagesUser({ type: 'image', source: { type: 'url', url: 'https://a.test/i.png' } }), A1],
  },
  'image.file': {
    'openai-responses': [responsesUser({ type: 'input_image', file_id: 'file_1' }), I1],
    'anthropic-messages': [messagesUser({ type: 'image', source: { type: 'file', file_id: 'file_1' } }), A1],
  },
  'image.detail': {
    'openai-chat': [chatUser({ type: 'image_url', image_url: { url: DATA('image/png', PNG), detail: 'low' } }), `${A1}.image_url.detail`],
    'openai-responses': [responsesUser({ type: 'input_image', image_url: DATA('image/png', PNG), detail: 'low' }), `${I1}.detail`],
  },
  'document.base64': {
    'openai-chat': [chatUser({ type: 'file', file: { file_data: DATA('application/pdf', PDF) } }), A1],
    'openai-responses': [responsesUser({ type: 'input_file', filename: 'a.pdf', file_data: DATA('application/pdf', PDF) }), I1],
    'anthropic-messages': [messagesUser({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } }), A1],
  },
  'document.url': {
    'openai-chat': [chatUser({ type: 'file', file: { file_data: 'https://a.test/d.pdf' } }), A1],
    'openai-responses': [responsesUser({ type: 'input_file', file_url: 'https://a.test/d.pdf' }), I1],
    'anthropic-messages': [messagesUser({ type: 'document', source: { type: 'url', url: 'https://a.test/d.pdf' } }), A1],
  },
  'document.text': {
    'openai-chat': [chatUser({ type: 'file', file: { file_data: DATA('text/plain', 'VGhlIGRvY3VtZW50') } }), A1],
    'anthropic-messages': [
      messagesUser({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The document' } }),
      A1,
    ],
  },
  'document.file': {
    'openai-chat': [chatUser({ type: 'file', file: { file_id: 'file_1' } }), A1],
    'openai-responses': [responsesUser({ type: 'input_file', file_id: 'file_1' }), I1],
    'anthropic-messages': [messagesUser({ type: 'document', source: { type: 'file', file_id: 'file_1' } }), A1],
  },
  'document.options': {
    'anthropic-messages': [
      messagesUser({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'D' }, context: 'old' }),
      `${A1}.context`,
    ],
  },
  'audio.input': {
    'openai-chat': [chatUser({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }), A1],
    'openai-responses': [responsesUser({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }), I1],
  },
  'content.unknown': {
    'openai-chat': [chatUser({ type: 'smell' }), A1],
    'openai-responses': [responsesUser({ type: 'input_smell' }), I1],
    'anthropic-messages': [messagesUser({ type: 'search_result', title: 'T' }), A1],
  },
  'refusal.history': {
    'openai-chat': [chatSaid({ content: null, refusal: 'I refuse' }), 'messages[1].refusal'],
    'openai-responses': [responsesSaid({ role: 'assistant', content: [{ type: 'refusal', refusal: 'I refuse' }] }), 'input[1].content[0]'],
  },
  'tool_result.error': {
    'anthropic-messages': [messagesResult({ content: 'broken', is_error: true }), 'messages[2].content[0].is_error'],
  },
  'tool_result.image': {
    'openai-responses': [responsesResult([{ type: 'input_image', image_url: DATA('image/png', PNG) }]), 'input[2].output'],
    'anthropic-messages': [
      messagesResult({ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }] }),
      'messages[2].content[0].content[0]',
    ],
  },
  'tool_result.document': {
    'openai-responses': [
      responsesResult([{ type: 'input_file', filename: 'a.pdf', file_data: DATA('application/pdf', PDF) }]),
      'input[2].output',
    ],
    'anthropic-messages': [
      messagesResult({ content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } }] }),
      'messages[2].content[0].content[0]',
    ],
  },
  'reasoning.history': {
    'openai-chat': [chatSaid({ content: 'Hi', reasoning_content: 'Hm' }), 'messages[1].reasoning_content'],
    'openai-responses': [
      responsesSaid({ type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm' }] }),
      'input[1]',
    ],
    'anthropic-messages': [messagesSaid({ type: 'thinking', thinking: 'Hm', signature: '' }), 'messages[1].content[0]'],
  },
  'reasoning.anthropic': {
    'openai-chat': [
      chatSaid({ content: 'Hi', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 'c2ln' }] }),
      'messages[1].reasoning_details[0]',
    ],
    'anthropic-messages': [messagesSaid({ type: 'redacted_thinking', data: 'aGlkZGVu' }), 'messages[1].content[0]'],
  },
  'reasoning.openai': {
    'openai-chat': [
      chatSaid({ content: 'Hi', reasoning_details: [{ type: 'reasoning.encrypted', data: 'gAAA', format: 'openai-responses-v1' }] }),
      'messages[1].reasoning_details[0]',
    ],
    'openai-responses': [responsesSaid({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }), 'input[1]'],
  },
  cache_control: {
    'openai-chat': [chatUser({ type: 'text', text: 'More', cache_control: { type: 'ephemeral', ttl: '1h' } }), `${A1}.cache_control`],
    'openai-responses': [
      responsesUser({ type: 'input_text', text: 'More', prompt_cache_breakpoint: { mode: 'explicit' } }),
      `${I1}.prompt_cache_breakpoint`,
    ],
    'anthropic-messages': [messagesUser({ type: 'text', text: 'More', cache_control: { type: 'ephemeral' } }), `${A1}.cache_control`],
  },
  'tools.strict': {
    'openai-chat': [chatTools({}, { strict: true }), 'tools[0].function.strict'],
    'openai-responses': [responsesTools({}, { strict: true }), 'tools[0].strict'],
    'anthropic-messages': [messagesTools({}, { strict: true }), 'tools[0].strict'],
  },
  'tools.options': {
    'openai-chat': [chatTools({}, { eager: true }), 'tools[0].function.eager'],
    'openai-responses': [responsesTools({}, { defer_loading: true }), 'tools[0].defer_loading'],
    'anthropic-messages': [messagesTools({}, { eager_input_streaming: true }), 'tools[0].eager_input_streaming'],
  },
  'tools.custom': {
    'openai-chat': [chat({ tools: [{ type: 'custom', custom: { name: 'sql' } }] }), 'tools[0]'],
    'openai-responses': [responses({ tools: [{ type: 'custom', name: 'sql' }] }), 'tools[0]'],
  },
  'tools.hosted': {
    'openai-chat': [chat({ tools: [{ type: 'web_search' }] }), 'tools[0]'],
    'openai-responses': [responses({ tools: [{ type: 'web_search' }] }), 'tools[0]'],
    'anthropic-messages': [messages({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }), 'tools[0]'],
  },
  'tools.hosted_forced': {
    'openai-chat': [chat({ tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } }), 'tool_choice'],
    'openai-responses': [responses({ tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } }), 'tool_choice'],
    'anthropic-messages': [
      messages({ tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'tool', name: 'web_search' } }),
      'tools[0]',
    ],
  },
  'tool_choice.required': {
    'openai-chat': [chatTools({ tool_choice: 'required' }), 'tool_choice'],
    'openai-responses': [responsesTools({ tool_choice: 'required' }), 'tool_choice'],
    'anthropic-messages': [messagesTools({ tool_choice: { type: 'any' } }), 'tool_choice'],
  },
  'tool_choice.named': {
    'openai-chat': [chatTools({ tool_choice: { type: 'function', function: { name: 'f' } } }), 'tool_choice'],
    'openai-responses': [responsesTools({ tool_choice: { type: 'function', name: 'f' } }), 'tool_choice'],
    'anthropic-messages': [messagesTools({ tool_choice: { type: 'tool', name: 'f' } }), 'tool_choice'],
  },
  'tool_choice.allowed': {
    'openai-chat': [
      chatTools({
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] } },
      }),
      'tool_choice',
    ],
    'openai-responses': [
      responsesTools({ tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] } }),
      'tool_choice',
    ],
  },
  'parallel_tools.off': {
    'openai-chat': [chatTools({ parallel_tool_calls: false }), 'parallel_tool_calls'],
    'openai-responses': [responsesTools({ parallel_tool_calls: false }), 'parallel_tool_calls'],
    'anthropic-messages': [
      messagesTools({ tool_choice: { type: 'auto', disable_parallel_tool_use: true } }),
      'tool_choice.disable_parallel_tool_use',
    ],
  },
  max_tool_calls: { 'openai-responses': [responses({ max_tool_calls: 3 }), 'max_tool_calls'] },
  'output.json': {
    'openai-chat': [chat({ response_format: { type: 'json_object' } }), 'response_format'],
    'openai-responses': [responses({ text: { format: { type: 'json_object' } } }), 'text.format'],
  },
  'output.schema': {
    'openai-chat': [
      chat({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA, strict: true } } }),
      'response_format',
    ],
    'openai-responses': [responses({ text: { format: { type: 'json_schema', name: 'n', schema: SCHEMA, strict: true } } }), 'text.format'],
    'anthropic-messages': [messages({ output_config: { format: { type: 'json_schema', schema: SCHEMA } } }), 'output_config.format'],
  },
  'output.audio': { 'openai-chat': [chat({ modalities: ['text', 'audio'], audio: { voice: 'a', format: 'mp3' } }), 'audio'] },
  verbosity: {
    'openai-chat': [chat({ verbosity: 'low' }), 'verbosity'],
    'openai-responses': [responses({ text: { verbosity: 'low' } }), 'text.verbosity'],
  },
  choices: { 'openai-chat': [chat({ n: 2 }), 'n'] },
  logprobs: {
    'openai-chat': [chat({ logprobs: true, top_logprobs: 2 }), 'logprobs'],
    'openai-responses': [responses({ top_logprobs: 2 }), 'top_logprobs'],
  },
  prediction: { 'openai-chat': [chat({ prediction: { type: 'content', content: 'x' } }), 'prediction'] },
  web_search: { 'openai-chat': [chat({ web_search_options: {} }), 'web_search_options'] },
  stop: {
    'openai-chat': [chat({ stop: 'END' }), 'stop'],
    'anthropic-messages': [messages({ stop_sequences: ['END'] }), 'stop_sequences'],
  },
  'stop.many': { 'anthropic-messages': [messages({ stop_sequences: ['a', 'b', 'c', 'd', 'e'] }), 'stop_sequences'] },
  temperature: {
    'openai-chat': [chat({ temperature: 0.5 }), 'temperature'],
    'openai-responses': [responses({ temperature: 0.5 }), 'temperature'],
    'anthropic-messages': [messages({ temperature: 0.5 }), 'temperature'],
  },
  'temperature.above_1': {
    'openai-chat': [chat({ temperature: 1.5 }), 'temperature'],
    'openai-responses': [responses({ temperature: 1.5 }), 'temperature'],
  },
  top_p: {
    'openai-chat': [chat({ top_p: 0.5 }), 'top_p'],
    'openai-responses': [responses({ top_p: 0.5 }), 'top_p'],
    'anthropic-messages': [messages({ top_p: 0.5 }), 'top_p'],
  },
  top_k: {
    'openai-chat': [chat({ top_k: 20 }), 'top_k'],
    'anthropic-messages': [messages({ top_k: 20 }), 'top_k'],
  },
  frequency_penalty: { 'openai-chat': [chat({ frequency_penalty: 0.5 }), 'frequency_penalty'] },
  presence_penalty: { 'openai-chat': [chat({ presence_penalty: 0.5 }), 'presence_penalty'] },
  logit_bias: { 'openai-chat': [chat({ logit_bias: { '50256': -100 } }), 'logit_bias'] },
  seed: { 'openai-chat': [chat({ seed: 7 }), 'seed'] },
  'reasoning.effort': {
    'openai-chat': [chat({ reasoning_effort: 'high' }), 'reasoning_effort'],
    'openai-responses': [responses({ reasoning: { effort: 'high' } }), 'reasoning.effort'],
    'anthropic-messages': [messages({ output_config: { effort: 'high' } }), 'output_config.effort'],
  },
  'reasoning.budget': {
    'openai-chat': [chat({ reasoning: { max_tokens: 2000 }, max_tokens: 4000 }), 'reasoning.max_tokens'],
    'anthropic-messages': [messages({ thinking: { type: 'enabled', budget_tokens: 1024 } }), 'thinking.budget_tokens'],
  },
  'reasoning.off': {
    'openai-chat': [chat({ reasoning_effort: 'none' }), 'reasoning_effort'],
    'openai-responses': [responses({ reasoning: { effort: 'none' } }), 'reasoning.effort'],
    'anthropic-messages': [messages({ thinking: { type: 'disabled' } }), 'thinking'],
  },
  'reasoning.summary': {
    'openai-responses': [responses({ reasoning: { summary: 'auto' } }), 'reasoning.summary'],
    'anthropic-messages': [messages({ thinking: { type: 'adaptive', display: 'summarized' } }), 'thinking.display'],
  },
  service_tier: {
    'openai-chat': [chat({ service_tier: 'flex' }), 'service_tier'],
    'openai-responses': [responses({ service_tier: 'flex' }), 'service_tier'],
    'anthropic-messages': [messages({ service_tier: 'standard_only' }), 'service_tier'],
  },
  speed: { 'anthropic-messages': [messages({ speed: 'fast' }), 'speed'] },
  metadata: {
    'openai-chat': [chat({ metadata: { a: 'b' } }), 'metadata'],
    'openai-responses': [responses({ metadata: { a: 'b' } }), 'metadata'],
  },
  end_user: {
    'openai-chat': [chat({ user: 'ann' }), 'user'],
    'openai-responses': [responses({ safety_identifier: 'ann' }), 'safety_identifier'],
    'anthropic-messages': [messages({ metadata: { user_id: 'ann' } }), 'metadata.user_id'],
  },
  store: {
    'openai-chat': [chat({ store: true }), 'store'],
    'openai-responses': [responses({ store: true }), 'store'],
  },
  prompt_cache: {
    'openai-chat': [chat({ prompt_cache_key: 'k' }), 'prompt_cache_key'],
    'openai-responses': [responses({ prompt_cache_key: 'k' }), 'prompt_cache_key'],
  },
  moderation: {
    'openai-chat': [chat({ moderation: { model: 'm' } }), 'moderation'],
    'openai-responses': [responses({ moderation: { model: 'm' } }), 'moderation'],
  },
  truncation: { 'openai-responses': [responses({ truncation: 'auto' }), 'truncation'] },
  include: { 'openai-responses': [responses({ include: ['file_search_call.results'] }), 'include[0]'] },
  obfuscation: {
    'openai-chat': [chat({ stream: true, stream_options: { include_obfuscation: true } }), 'stream_options.include_obfuscation'],
    'openai-responses': [responses({ stream: true, stream_options: { include_obfuscation: true } }), 'stream_options.include_obfuscation'],
  },
  'state.previous_response': { 'openai-responses': [responses({ previous_response_id: 'resp_1' }), 'previous_response_id'] },
  'state.conversation': { 'openai-responses': [responses({ conversation: 'conv_1' }), 'conversation'] },
  'state.background': { 'openai-responses': [responses({ background: true }), 'background'] },
  'state.prompt': { 'openai-responses': [responses({ prompt: { id: 'pmpt_1' } }), 'prompt'] },
  'state.container': { 'anthropic-messages': [messages({ container: 'container_1' }), 'container'] },
  'state.thread': { 'anthropic-messages': [messages({ thread: { type: 'create' } }), 'thread'] },
  'state.mcp_servers': {
    'anthropic-messages': [messages({ mcp_servers: [{ type: 'url', url: 'https://a.test', name: 'a' }] }), 'mcp_servers'],
  },
  context_management: {
    'openai-responses': [responses({ context_management: [{ type: 'compaction' }] }), 'context_management'],
    'anthropic-messages': [messages({ context_management: { edits: [] } }), 'context_management'],
  },
  unknown: {
    'openai-chat': [chat({ novelty: 1 }), 'novelty'],
    'openai-responses': [responses({ novelty: 1 }), 'novelty'],
    'anthropic-messages': [messages({ novelty: 1 }), 'novelty'],
  },
};

/** Further ways to ask for a feature, which are read by other lines of the code. */
export const MORE_SAMPLES: readonly (readonly [Feature, ChatClientName, Sample])[] = [
  [
    'reasoning.anthropic',
    'anthropic-messages',
    [messagesSaid({ type: 'thinking', thinking: 'Hm', signature: 'c2ln' }), 'messages[1].content[0]'],
  ],
  [
    'tool_choice.allowed',
    'openai-chat',
    [
      chatTools({
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] } },
      }),
      'tool_choice',
    ],
  ],
  ['end_user', 'openai-responses', [responses({ user: 'ann' }), 'user']],
  ['cache_control', 'anthropic-messages', [messages({ cache_control: { type: 'ephemeral' } }), 'cache_control']],
  ['unknown', 'openai-chat', [chat({ messages: [{ role: 'user', content: TEXT, novelty: 1 }] }), 'messages[0].novelty']],
  ['unknown', 'openai-responses', [responses({ prompt_cache_retention: '24h' }), 'prompt_cache_retention']],
];
