import type { Attempt } from '../../support/upstream.js';

type Wire = Record<string, unknown>;

/** One turn of what a provider was told, in no dialect's words. Results of tools are by the id of their call. */
export interface Turn {
  readonly role: string;
  readonly text?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly given: unknown }[];
  readonly results?: Readonly<Record<string, string>>;
}

/** The turns of a request, read as its provider would. Thoughts are left out. */
export function turnsOf({ path, json }: Attempt): Turn[] {
  if (path.endsWith('/responses')) return withSystem(json['instructions'], merged(turnsOfItems(json['input'])));
  const messages = json['messages'] as Wire[];
  if (path.endsWith('/messages')) return withSystem(json['system'], merged(messages.flatMap(turnsOfBlocks)));
  return merged(messages.map(turnOfMessage));
}

function withSystem(system: unknown, turns: Turn[]): Turn[] {
  const text = textOf(system);
  return text === '' ? turns : [{ role: 'system', text }, ...turns];
}

/** Pieces of one turn stand apart in some dialects. */
function merged(pieces: readonly Turn[]): Turn[] {
  const turns: Turn[] = [];
  for (const piece of pieces) {
    const last = turns.at(-1);
    if (last?.role !== piece.role || piece.role === 'user') turns.push(piece);
    else turns.splice(-1, 1, joined(last, piece));
  }
  return turns;
}

function joined(one: Turn, other: Turn): Turn {
  const text = one.text === undefined && other.text === undefined ? {} : { text: (one.text ?? '') + (other.text ?? '') };
  const calls = one.calls || other.calls ? { calls: [...(one.calls ?? []), ...(other.calls ?? [])] } : {};
  const results = one.results || other.results ? { results: { ...one.results, ...other.results } } : {};
  return { role: one.role, ...text, ...calls, ...results };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as Wire[]).map((part) => (part['text'] as string | undefined) ?? '').join('');
}

function spoken(role: unknown, content: unknown): Turn {
  const text = textOf(content);
  return { role: role === 'developer' ? 'system' : String(role), ...(text === '' ? {} : { text }) };
}

/** Arguments are text at OpenAI and an object at Ollama. */
function givenOf(given: unknown): unknown {
  return typeof given === 'string' ? JSON.parse(given) : given;
}

function turnOfMessage(message: Wire): Turn {
  const { role, content, tool_calls, tool_call_id } = message;
  if (role === 'tool') return { role, results: { [String(tool_call_id)]: textOf(content) } };
  const calls = ((tool_calls ?? []) as { id: string; function: { name: string; arguments: unknown } }[]).map(
    ({ id, function: called }) => ({ id, name: called.name, given: givenOf(called.arguments) }),
  );
  return { ...spoken(role, content), ...(calls.length > 0 ? { calls } : {}) };
}

function turnsOfItems(input: unknown): Turn[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }];
  return (input as Wire[]).flatMap((item): Turn[] => {
    switch (item['type']) {
      case 'function_call':
        return [
          { role: 'assistant', calls: [{ id: String(item['call_id']), name: String(item['name']), given: givenOf(item['arguments']) }] },
        ];
      case 'function_call_output':
        return [{ role: 'tool', results: { [String(item['call_id'])]: textOf(item['output']) } }];
      case 'reasoning':
        return [];
      default:
        return [spoken(item['role'], item['content'])];
    }
  });
}

/** All results stand in one message of the user, before everything else it says. */
function turnsOfBlocks({ role, content }: Wire): Turn[] {
  if (typeof content === 'string') return [spoken(role, content)];
  return (content as Wire[]).flatMap((block): Turn[] => {
    switch (block['type']) {
      case 'tool_use':
        return [{ role: 'assistant', calls: [{ id: String(block['id']), name: String(block['name']), given: block['input'] }] }];
      case 'tool_result':
        return [{ role: 'tool', results: { [String(block['tool_use_id'])]: textOf(block['content']) } }];
      case 'thinking':
        return [];
      default:
        return [spoken(role, [block])];
    }
  });
}
