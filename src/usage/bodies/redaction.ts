/**
 * Texts that say nothing of what was talked about, by the name they stand under, or by `<where>.<name>` where the name alone can mean
 * something else. All others are redacted, those of names that nobody knows yet included.
 */
const KEPT: ReadonlySet<string> = namesIn(
  'model role type object status finish_reason native_finish_reason stop_reason service_tier speed ' +
    'reasoning_effort effort verbosity truncation encoding_format tool_choice detail media_type modalities ' +
    'include ttl error.code error.param reasoning.summary audio.format audio.voice input_audio.format',
);

/** Even there a text stays only if it looks like a name. */
const NAME_LIKE = /^[\w.:/[\]-]{1,100}$/;

/** Objects with members that are known; of all others only the length stays: tool arguments, schemas, metadata, log probabilities. */
const STRUCTURES: ReadonlySet<string> = namesIn(
  'messages content system tools functions function tool_choice tool_calls function_call choices delta ' +
    'message input[] output[] item part content_block response error data reasoning thinking ' +
    'text format response_format stream_options source image_url input_audio audio file cache_control ' +
    'summary prediction usage prompt_tokens_details completion_tokens_details input_tokens_details annotations ' +
    'output_tokens_details cache_creation server_tool_use incomplete_details cost_details output_config',
);

/** Of these a list holds structures, while an object is what a model gave to a tool, or a tool to a model. */
const LISTS_ONLY: ReadonlySet<string> = new Set(['input', 'output']);

/** Under these a number is something that was said. */
const SPOKEN: ReadonlySet<string> = new Set(['content', 'text', 'input', 'output', 'arguments', 'prompt', 'query', 'result', 'value']);

/** Names of members come from whoever wrote the body, too. */
const MEMBER_NAME = /^[A-Za-z_][\w.-]{0,63}$/;
const OTHER_NAMES = '[redacted names]';

/** Real bodies are not nested so deeply. */
const MAX_DEPTH = 40;

/** The same JSON value with lengths in the place of everything that was said. May throw a `RangeError` for one that is nested too deeply. */
export function redact(value: unknown): unknown {
  return isObject(value) ? redactMembers('', value, 0) : redactValue('', '', value, 0);
}

/** In the place of a text: its length in UTF-16 units. */
export function redactedText(text: string): string {
  return `[redacted: ${text.length}]`;
}

/** Is this text one that stays under this name? */
export function isKept(name: string, text: string): boolean {
  return KEPT.has(name) && NAME_LIKE.test(text);
}

function redactMembers(where: string, object: object, depth: number): unknown {
  const members: [string, unknown][] = [];
  let others = 0;
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    if (MEMBER_NAME.test(name)) members.push([name, redactValue(where, name, value, depth)]);
    else others += 1;
  }
  if (others > 0) members.push([OTHER_NAMES, others]);
  return Object.fromEntries(members);
}

function redactValue(where: string, name: string, value: unknown, depth: number): unknown {
  if (typeof value === 'string') return isKept(name, value) || isKept(`${where}.${name}`, value) ? value : redactedText(value);
  if (Array.isArray(value)) return redactList(where, name, value, depth);
  if (isObject(value)) return STRUCTURES.has(name) && depth < MAX_DEPTH ? redactMembers(name, value, depth + 1) : redactedObject(value);
  return typeof value === 'number' && SPOKEN.has(name) ? '[redacted: number]' : value;
}

/** Numbers in a list are tokens, vectors or bytes of a text. */
function redactList(where: string, name: string, list: readonly unknown[], depth: number): unknown {
  if (depth >= MAX_DEPTH || list.some((item) => typeof item === 'number')) return `[redacted: list of ${list.length}]`;
  const itemName = LISTS_ONLY.has(name) ? `${name}[]` : name;
  return list.map((item) => redactValue(where, itemName, item, depth + 1));
}

function redactedObject(value: object): string {
  return `[redacted: ${JSON.stringify(value).length} of JSON]`;
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
