import type { Tool, ToolChoice } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { compact, isObject, objectsOf, stringOf, type WireObject } from './wire-values.js';

const FUNCTION_KEYS = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const CUSTOM_KEYS = new Set(['type', 'name', 'description', 'format']);

/** Reads the caller's own tools; hosted ones and types that nobody here knows are noted. */
export function decodeTools(body: WireObject, uses: FeatureUse): Tool[] {
  return objectsOf(body['tools']).flatMap((tool, i) => {
    const path = `tools[${i}]`;
    if (tool['type'] === 'function') return [functionTool(tool, path, uses)];
    if (tool['type'] === 'custom') return [customTool(tool, path, uses)];
    uses.note('tools.hosted', path);
    return [];
  });
}

function functionTool(tool: WireObject, path: string, uses: FeatureUse): Tool {
  noteOptions(tool, FUNCTION_KEYS, path, uses);
  if (tool['strict'] === true) uses.note('tools.strict', `${path}.strict`);
  return compact<Tool>({
    name: String(tool['name']),
    description: stringOf(tool['description']),
    parameters: isObject(tool['parameters']) ? tool['parameters'] : undefined,
    strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
  });
}

function customTool(tool: WireObject, path: string, uses: FeatureUse): Tool {
  noteOptions(tool, CUSTOM_KEYS, path, uses);
  uses.note('tools.custom', path);
  return compact<Tool>({
    name: String(tool['name']),
    description: stringOf(tool['description']),
    isCustom: true,
    format: tool['format'] ?? undefined,
  });
}

function noteOptions(tool: WireObject, known: ReadonlySet<string>, path: string, uses: FeatureUse): void {
  for (const [key, value] of Object.entries(tool)) if (value != null && !known.has(key)) uses.note('tools.options', `${path}.${key}`);
}

/** Reads which tool the model is to call. `auto` is the same as not saying it. */
export function decodeToolChoice(body: WireObject, tools: readonly Tool[], uses: FeatureUse): ToolChoice | undefined {
  const choice = body['tool_choice'];
  if (choice === 'none') return { kind: 'none' };
  if (choice === 'required') return required(tools, uses);
  if (!isObject(choice)) return undefined;
  if (choice['type'] === 'allowed_tools') return allowed(choice, uses);
  const name = stringOf(choice['name']);
  const isCustom = choice['type'] === 'custom';
  if (name === undefined || (!isCustom && choice['type'] !== 'function')) {
    uses.note('tools.hosted_forced', 'tool_choice');
    return undefined;
  }
  uses.note('tool_choice.named', 'tool_choice');
  return isCustom ? { kind: 'named', name, isCustom } : { kind: 'named', name };
}

function required(tools: readonly Tool[], uses: FeatureUse): ToolChoice {
  uses.note('tool_choice.required', 'tool_choice');
  if (tools.length === 0 && uses.has('tools.hosted')) uses.note('tools.hosted_forced', 'tool_choice');
  return { kind: 'required' };
}

function allowed(choice: WireObject, uses: FeatureUse): ToolChoice {
  const mode = choice['mode'] === 'required' ? 'required' : 'auto';
  uses.note('tool_choice.allowed', 'tool_choice');
  const names = objectsOf(choice['tools']).flatMap((tool, i) => {
    const isOwn = tool['type'] === 'function' || tool['type'] === 'custom';
    if (!isOwn) uses.note('tools.hosted', `tool_choice.tools[${i}]`);
    return isOwn ? (stringOf(tool['name']) ?? []) : [];
  });
  if (mode === 'required' && names.length === 0) uses.note('tools.hosted_forced', 'tool_choice');
  return { kind: 'allowed', mode, names };
}
