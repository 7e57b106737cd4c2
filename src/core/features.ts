/**
 * What a chat request can ask for beyond plain text, each by the name that the capability table of the dialects, and with it
 * `docs/dialects.md`, knows it by. A decoder notes those that a request uses; the table says which a provider's dialect
 * carries, which are hints that may be left out, and which change the meaning of the answer.
 */
export const FEATURES = {
  // Messages
  'message.name': 'The name of a participant',
  'text.citations': 'Citations on a text of the history',
  'image.base64': 'An image in the body',
  'image.url': 'An image by its address',
  'image.file': 'An image by the id of a file',
  'image.detail': 'How closely to look at an image (`detail`)',
  'document.base64': 'A document in the body (PDF)',
  'document.url': 'A document by its address',
  'document.text': 'A document of plain text',
  'document.file': 'A document by the id of a file',
  'document.options': 'Title, context or citations of a document',
  'audio.input': 'Sound in a message',
  'content.unknown': 'A content part that the gateway does not know',
  'refusal.history': 'A refusal in the history',
  'tool_result.error': 'A tool result marked as an error',
  'tool_result.image': 'An image in a tool result',
  'tool_result.document': 'A document in a tool result',
  'reasoning.history': 'Reasoning of the history, as text without a signature',
  'reasoning.anthropic': 'Reasoning of the history that Anthropic signed or encrypted',
  'reasoning.openai': 'Reasoning of the history that OpenAI encrypted',
  cache_control: 'Marks for the prompt cache (`cache_control`, breakpoints)',
  // Tools
  'tools.strict': 'Tool arguments that must fit their schema (`strict`)',
  'tools.options': 'Options of a tool that only its provider knows',
  'tools.custom': 'Tools that take free text instead of JSON',
  'tools.hosted': 'Tools that run at the provider, or of a type that the gateway does not know',
  'tools.hosted_forced': 'The same, where a tool must be called',
  'tool_choice.required': 'Some tool must be called',
  'tool_choice.named': 'One given tool must be called',
  'tool_choice.allowed': 'A list of tools that may be called',
  'parallel_tools.off': 'At most one tool call at a time',
  max_tool_calls: 'A limit on calls of hosted tools',
  // The answer
  'output.json': 'Any JSON object as the answer',
  'output.schema': 'JSON by a schema as the answer',
  'output.audio': 'Sound as the answer',
  verbosity: 'How wordy the answer should be',
  choices: 'More than one answer (`n`)',
  logprobs: 'Probabilities of tokens',
  prediction: 'A predicted answer',
  web_search: 'A search of the web by the provider',
  stop: 'Texts at which to stop',
  'stop.many': 'More than four texts at which to stop',
  // Sampling
  temperature: 'Temperature up to 1',
  'temperature.above_1': 'Temperature above 1',
  top_p: 'Nucleus sampling (`top_p`)',
  top_k: 'Sampling from the k likeliest (`top_k`)',
  frequency_penalty: 'A penalty for frequent tokens',
  presence_penalty: 'A penalty for tokens that occurred',
  logit_bias: 'A bias for single tokens',
  seed: 'A seed',
  // Reasoning
  'reasoning.effort': 'How much to reason, in words',
  'reasoning.budget': 'How much to reason, in tokens',
  'reasoning.off': 'No reasoning',
  'reasoning.summary': 'Whether, and how, reasoning is shown',
  // Account and service
  service_tier: 'The service tier',
  speed: 'The speed or place of the computation, at another price',
  metadata: 'Metadata kept at the provider',
  end_user: 'A name for the end user',
  store: 'Keeping the answer at the provider',
  prompt_cache: 'The key of the prompt cache',
  moderation: 'Moderation settings',
  truncation: 'Leaving out the middle of a prompt that is too long',
  include: 'Extra data in the answer (`include`)',
  obfuscation: 'Padding of stream events',
  // State at the provider
  'state.previous_response': 'A previous response by its id',
  'state.conversation': 'A conversation kept at the provider',
  'state.background': 'An answer that is made in the background',
  'state.prompt': 'A prompt stored at the provider',
  'state.container': 'A container at the provider',
  'state.thread': 'A message thread at the provider',
  'state.mcp_servers': 'MCP servers that the provider calls',
  context_management: 'Editing of the context by the provider',
  unknown: 'A field that the gateway does not know',
} as const;

export type Feature = keyof typeof FEATURES;

/** What a request uses, and where: for each feature the fields, as its own dialect writes them (`messages[3].content[0]`). */
export class FeatureUse {
  private readonly fields = new Map<Feature, string[]>();

  note(feature: Feature, field: string): void {
    const known = this.fields.get(feature);
    if (known) known.push(field);
    else this.fields.set(feature, [field]);
  }

  entries(): Iterable<readonly [Feature, readonly string[]]> {
    return this.fields;
  }

  has(feature: Feature): boolean {
    return this.fields.has(feature);
  }
}
