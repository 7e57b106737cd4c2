import type { AssistantPart, Message, ReasoningPart, ReasoningProof, ToolResult, UserPart } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { decodeAssistantContent, decodeSystemContent, decodeUserContent } from './decode-content.js';
import { itemType } from './item-type.js';
import { fromEncrypted } from './reasoning-item.js';
import { compact, noteUnknown, objectsOf, stringOf, type WireObject } from './wire-values.js';

/** Reads `instructions` and `input` as messages. */
export function decodeMessages(body: WireObject, uses: FeatureUse): Message[] {
  const turns = new Turns();
  const instructions = stringOf(body['instructions']);
  if (instructions !== undefined && instructions !== '') {
    turns.add({ role: 'system', parts: [{ kind: 'text', text: instructions }] });
  }
  const input = body['input'];
  if (typeof input === 'string') turns.add({ role: 'user', parts: [{ kind: 'text', text: input }] });
  else objectsOf(input).forEach((item, i) => decodeItem(item, `input[${i}]`, uses, turns));
  return turns.messages();
}

interface AssistantTurn {
  readonly parts: AssistantPart[];
  readonly results: ToolResult[];
}

/**
 * Gathers items into messages: what the model says up to the next word of somebody else is one message, and the results of
 * its calls stand right behind it, wherever among the items they stood.
 */
class Turns {
  private readonly turns: (Message | AssistantTurn)[] = [];
  private readonly byCall = new Map<string, AssistantTurn>();

  add(message: Message): void {
    this.turns.push(message);
  }

  say(parts: readonly AssistantPart[]): void {
    if (parts.length === 0) return;
    const last = this.turns.at(-1);
    const turn = last && !('role' in last) && last.results.length === 0 ? last : this.newTurn();
    turn.parts.push(...parts);
    for (const part of parts) if (part.kind === 'tool_call') this.byCall.set(part.id, turn);
  }

  answer(result: ToolResult): void {
    const turn = this.byCall.get(result.callId);
    if (turn) return void turn.results.push(result);
    // The call is kept at the provider.
    const last = this.turns.at(-1);
    const before = last && 'role' in last && last.role === 'tool' ? [...last.results] : [];
    if (before.length > 0) this.turns.pop();
    this.turns.push({ role: 'tool', results: [...before, result] });
  }

  messages(): Message[] {
    return this.turns.flatMap((turn): Message[] => {
      if ('role' in turn) return [turn];
      const said: Message = { role: 'assistant', parts: turn.parts };
      return turn.results.length === 0 ? [said] : [said, { role: 'tool', results: turn.results }];
    });
  }

  private newTurn(): AssistantTurn {
    const turn: AssistantTurn = { parts: [], results: [] };
    this.turns.push(turn);
    return turn;
  }
}

function decodeItem(item: WireObject, path: string, uses: FeatureUse, turns: Turns): void {
  const known = KEYS.get(itemType(item));
  if (known) noteUnknown(item, known, path, uses);
  switch (itemType(item)) {
    case 'message':
      return decodeMessage(item, path, uses, turns);
    case 'function_call':
      // No arguments at all is what some send for a call without any.
      return turns.say([
        { kind: 'tool_call', id: String(item['call_id']), name: String(item['name']), arguments: stringOf(item['arguments']) || '{}' },
      ]);
    case 'custom_tool_call': {
      uses.note('tools.custom', path);
      const { call_id: id, name, input } = item;
      return turns.say([{ kind: 'tool_call', id: String(id), name: String(name), arguments: stringOf(input) ?? '', isCustom: true }]);
    }
    case 'function_call_output':
      return turns.answer({ callId: String(item['call_id']), parts: resultParts(item['output'], `${path}.output`, uses) });
    case 'custom_tool_call_output':
      uses.note('tools.custom', path);
      return turns.answer({ callId: String(item['call_id']), parts: resultParts(item['output'], `${path}.output`, uses), isCustom: true });
    case 'reasoning':
      return turns.say(reasoningParts(item, path, uses));
    case 'item_reference':
      return uses.note('state.previous_response', path);
    default:
      return uses.note(HOSTED_ITEMS.has(String(item['type'])) ? 'tools.hosted' : 'content.unknown', path);
  }
}

const THOUGHT_KEYS = new Set(['type', 'text']);
const CALL_KEYS = ['type', 'id', 'call_id', 'status', 'name'];
/** What is read of each item, or says nothing that a translation could lose; `phase` is noted where it is read. */
const KEYS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['message', new Set(['type', 'id', 'status', 'role', 'content', 'phase'])],
  ['function_call', new Set([...CALL_KEYS, 'arguments'])],
  ['custom_tool_call', new Set([...CALL_KEYS, 'input'])],
  ['function_call_output', new Set([...CALL_KEYS, 'output'])],
  ['custom_tool_call_output', new Set([...CALL_KEYS, 'output'])],
  ['reasoning', new Set(['type', 'id', 'status', 'summary', 'content', 'encrypted_content'])],
]);

/**
 * What tools at the provider have done: the answer that came of it stands in the text after it. Items of tools that the
 * client runs without our knowing them, such as a shell, are not among these: their results would be missed.
 */
const HOSTED_ITEMS = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'tool_search_call',
  'tool_search_output',
]);

function decodeMessage(item: WireObject, path: string, uses: FeatureUse, turns: Turns): void {
  const { role, content } = item;
  if (item['phase'] != null) uses.note('unknown', `${path}.phase`);
  if (role === 'assistant') turns.say(decodeAssistantContent(content, `${path}.content`, uses));
  else if (role === 'user') turns.add({ role, parts: decodeUserContent(content, `${path}.content`, uses) });
  else if (role === 'system' || role === 'developer') turns.add({ role, parts: decodeSystemContent(content, `${path}.content`, uses) });
}

function resultParts(output: unknown, path: string, uses: FeatureUse): UserPart[] {
  if (output === '') return [];
  const parts = decodeUserContent(output, path, uses);
  if (parts.some((part) => part.kind === 'image')) uses.note('tool_result.image', path);
  if (parts.some((part) => part.kind === 'document')) uses.note('tool_result.document', path);
  return parts;
}

/** The summary is what may be shown of a thought; open models give the thought itself as `content`. */
function reasoningParts(item: WireObject, path: string, uses: FeatureUse): ReasoningPart[] {
  for (const key of ['summary', 'content']) {
    objectsOf(item[key]).forEach((part, i) => noteUnknown(part, THOUGHT_KEYS, `${path}.${key}[${i}]`, uses));
  }
  const summary = textsOf(item['summary']);
  const text = (summary.length > 0 ? summary : textsOf(item['content'])).join('\n\n');
  const proof = proofOf(item, text);
  if (proof) uses.note(`reasoning.${proof.maker}`, path);
  else if (text !== '') uses.note('reasoning.history', path);
  // It has an id alone: the thought is kept at OpenAI.
  else uses.note('reasoning.openai', path);
  return proof || text !== '' ? [compact<ReasoningPart>({ kind: 'reasoning', text, proof })] : [];
}

function textsOf(parts: unknown): string[] {
  return objectsOf(parts).flatMap((part) => stringOf(part['text']) || []);
}

function proofOf(item: WireObject, text: string): ReasoningProof | undefined {
  const value = stringOf(item['encrypted_content']);
  return value === undefined || value === '' ? undefined : fromEncrypted(value, text, stringOf(item['id']));
}
