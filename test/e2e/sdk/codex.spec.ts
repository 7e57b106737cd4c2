import { describe, expect, it } from '@jest/globals';
import { modelOf, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { plays } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';
import { eventsOf } from './server-events.js';

const HEADERS = {
  accept: 'text/event-stream',
  originator: 'codex_exec',
  'session-id': '00000000-0000-7000-8000-000000000000',
  'x-codex-turn-metadata': '{"request_kind":"turn"}',
  'user-agent': 'codex_exec/0.169.0',
};

const SHELL = { id: 'call_shell', name: 'exec_command', arguments: { cmd: 'echo it-ran' } };
const PARAMETERS = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'], additionalProperties: false };
const FUNCTION = { type: 'function', name: 'exec_command', description: 'Runs a command.', strict: false, parameters: PARAMETERS };

function message(role: string, ...texts: readonly string[]): object {
  return { type: 'message', id: `msg_${role}`, role, content: texts.map((text) => ({ type: 'input_text', text })) };
}

/** What Codex 0.169 sends, member by member, with other words in it. */
function body(kind: ScriptedKind, turns: readonly object[] = []): object {
  return {
    model: modelOf(kind),
    stream: true,
    input: [
      message('developer', 'You work in a terminal.'),
      message('developer', 'Skills: none.', 'All is permitted.'),
      message('user', 'The folder is empty.'),
      message('user', 'Run echo.'),
      ...turns,
    ],
    tools: [
      FUNCTION,
      { type: 'namespace', name: 'agents', description: 'Others.', tools: [{ ...FUNCTION, name: 'close_agent' }] },
      { type: 'web_search', external_web_access: true },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { summary: 'auto' },
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'session',
    client_metadata: { session_id: 'session' },
  };
}

describe('what Codex asks', () => {
  const stage = Stage.setEveryKind();
  const send = (asked: object): Promise<RawAnswer> => stage.call(asked, HEADERS, '/v1/responses');

  it.each(SCRIPTED_KINDS)('is answered with a tool call, and its result with a text, by %s', async (kind) => {
    stage.upstream.next(plays({ toolCalls: [SHELL] }), plays({ text: 'It ran.' }));

    const calling = eventsOf(await send(body(kind)));
    const done = calling.find(({ type }) => type === 'response.output_item.done')?.['item'] as { readonly call_id: string };
    const output = { type: 'function_call_output', id: 'fco_1', call_id: done.call_id, output: 'it-ran' };
    const answered = eventsOf(await send(body(kind, [done, output])));

    expect(done).toMatchObject({ type: 'function_call', name: 'exec_command', status: 'completed' });
    expect(calling.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [{ type: 'function_call' }] } });
    expect(answered.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: [{ type: 'message', content: [{ text: 'It ran.' }] }] },
    });
    const sent = (await stage.upstream.attempt(1)).body.toString();
    for (const text of ['All is permitted.', 'The folder is empty.', 'it-ran']) expect(sent).toContain(text);
  });

  it('goes to Responses as it is', async () => {
    stage.upstream.next(plays());
    const bytes = JSON.stringify(body('openai-responses'));

    const answer = await stage.call(bytes, HEADERS, '/v1/responses');

    expect(answer.headers['x-tollgate-dropped']).toBeUndefined();
    expect((await stage.upstream.attempt(0)).body.toString()).toBe(bytes);
  });

  it('loses elsewhere only hints and tools that nobody else has, each by name', async () => {
    stage.upstream.next(plays());

    const answer = await send(body('anthropic'));

    expect(String(answer.headers['x-tollgate-dropped']).split(', ').sort()).toEqual([
      'client_metadata',
      'prompt_cache_key',
      'reasoning.summary',
      'tools[1]',
      'tools[2]',
    ]);
    const { json } = await stage.upstream.attempt(0);
    expect(json['tools']).toMatchObject([{ name: 'exec_command', input_schema: PARAMETERS }]);
    expect(json).not.toHaveProperty('thinking');
  });
});
