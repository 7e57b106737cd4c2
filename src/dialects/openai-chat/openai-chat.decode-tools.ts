import type { Conversation, Tool, ToolChoice } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { cacheMark } from './openai-chat.decode-parts.js';
import { isObject, listOf, objectOf, textOf, type WireObject } from './wire-value.js';

/** The tools of a body and what it says of their use, the deprecated `functions` and `function_call` included. */
export function decodeTools(wire: WireObject, uses: FeatureUse): Pick<Conversation, 'tools' | 'toolChoice' | 'parallelTools'> {
  const tools: Tool[] = [];
  let hosted = 0;
  for (const [index, entry] of listOf(wire['tools']).entries()) {
    const tool = decodeTool(objectOf(entry), `tools[${index}]`, uses);
    if (tool) tools.push(tool);
    else hosted++;
  }
  const functions = listOf(wire['functions']);
  for (const [index, entry] of functions.entries()) {
    const tool = functionTool(objectOf(entry), `functions[${index}]`, uses);
    if (tool) tools.push(tool);
  }
  const toolChoice = decodeToolChoice(wire, hosted > 0, uses);
  let parallelTools: false | undefined;
  // The answer to `functions` has room for one call.
  if (functions.length > 0 || wire['parallel_tool_calls'] === false) {
    parallelTools = false;
    uses.note('parallel_tools.off', functions.length > 0 ? 'functions' : 'parallel_tool_calls');
  }
  return { tools, toolChoice, parallelTools };
}

function decodeTool(entry: WireObject, path: string, uses: FeatureUse): Tool | undefined {
  const custom = objectOf(entry['custom']);
  const customName = textOf(custom['name']);
  const tool =
    entry['type'] === 'custom' && customName !== undefined
      ? customTool(custom, customName, path, uses)
      : entry['type'] === 'function'
        ? functionTool(objectOf(entry['function']), `${path}.function`, uses)
        : undefined;
  if (!tool) {
    uses.note('tools.hosted', path);
    return undefined;
  }
  noteOptions(entry, TOOL_KEYS, path, uses);
  return { ...tool, ...cacheMark(entry, path, uses) };
}

function functionTool(wire: WireObject, path: string, uses: FeatureUse): Tool | undefined {
  const name = textOf(wire['name']);
  if (name === undefined) return undefined;
  const description = textOf(wire['description']);
  const strict = wire['strict'] === true;
  if (strict) uses.note('tools.strict', `${path}.strict`);
  noteOptions(wire, FUNCTION_KEYS, path, uses);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(isObject(wire['parameters']) ? { parameters: wire['parameters'] } : {}),
    ...(strict ? { strict } : {}),
  };
}

function customTool(wire: WireObject, name: string, path: string, uses: FeatureUse): Tool {
  uses.note('tools.custom', path);
  noteOptions(wire, CUSTOM_KEYS, `${path}.custom`, uses);
  const description = textOf(wire['description']);
  const format = decodeFormat(wire['format']);
  return { name, isCustom: true, ...(description === undefined ? {} : { description }), ...(format === undefined ? {} : { format }) };
}

/** `{type: "grammar", syntax, definition}`, which stands in an object of its own here; free text is what is meant without. */
function decodeFormat(format: unknown): unknown {
  if (!isObject(format) || format['type'] === 'text') return undefined;
  return format['type'] === 'grammar' && isObject(format['grammar']) ? { type: 'grammar', ...format['grammar'] } : format;
}

function noteOptions(wire: WireObject, known: ReadonlySet<string>, path: string, uses: FeatureUse): void {
  for (const key in wire) if (!known.has(key) && wire[key] != null) uses.note('tools.options', `${path}.${key}`);
}

function decodeToolChoice(wire: WireObject, hasHosted: boolean, uses: FeatureUse): ToolChoice | undefined {
  const field = wire['tool_choice'] == null ? 'function_call' : 'tool_choice';
  const choice = wire[field];
  if (choice == null || choice === 'auto') return undefined;
  const known = toToolChoice(choice, field);
  const isForced = known?.kind === 'required' || (known?.kind === 'allowed' && known.mode === 'required');
  if (known === undefined || (hasHosted && isForced)) uses.note('tools.hosted_forced', field);
  if (known && known.kind !== 'none' && known.kind !== 'auto') uses.note(`tool_choice.${known.kind}`, field);
  return known;
}

/** `undefined` for a tool that is none of the caller's. */
function toToolChoice(choice: unknown, field: string): ToolChoice | undefined {
  if (choice === 'none' || choice === 'required') return { kind: choice };
  // Mistral's word.
  if (choice === 'any') return { kind: 'required' };
  if (!isObject(choice)) return undefined;
  if (field === 'function_call') return named(choice);
  switch (choice['type']) {
    case 'function':
      return named(objectOf(choice['function']));
    case 'custom':
      return named(objectOf(choice['custom']), true);
    case 'allowed_tools':
      return allowed(objectOf(choice['allowed_tools']));
    default:
      return undefined;
  }
}

function named(wire: WireObject, isCustom?: true): ToolChoice | undefined {
  const name = textOf(wire['name']);
  return name === undefined ? undefined : { kind: 'named', name, ...(isCustom && { isCustom }) };
}

function allowed(wire: WireObject): ToolChoice | undefined {
  const names: string[] = [];
  for (const entry of listOf(wire['tools'])) {
    const tool = objectOf(entry);
    const name = textOf(objectOf(tool['function'])['name']) ?? textOf(objectOf(tool['custom'])['name']);
    if (name === undefined) return undefined;
    names.push(name);
  }
  return { kind: 'allowed', mode: wire['mode'] === 'required' ? 'required' : 'auto', names };
}

const TOOL_KEYS = new Set(['type', 'function', 'custom', 'cache_control', 'prompt_cache_breakpoint']);
const FUNCTION_KEYS = new Set(['name', 'description', 'parameters', 'strict']);
const CUSTOM_KEYS = new Set(['name', 'description', 'format']);
