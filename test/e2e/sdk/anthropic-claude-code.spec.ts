import { describe, expect, it } from '@jest/globals';
import { CLIENT_KEY } from '../../support/gateway.js';
import { modelOf, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { plays } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';
import { eventsOf } from './server-events.js';

const BETAS = [
  'claude-code-20250219',
  'interleaved-thinking-2025-05-14',
  'context-management-2025-06-27',
  'mid-conversation-tool-changes-2026-07-01',
  'thinking-token-count-2026-05-13',
  'advanced-tool-use-2025-11-20',
  'effort-2025-11-24',
].join(',');
const HEADERS = {
  authorization: '',
  'x-api-key': CLIENT_KEY,
  'anthropic-version': '2023-06-01',
  'anthropic-beta': BETAS,
  'anthropic-dangerous-direct-browser-access': 'true',
  'x-app': 'cli',
  'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)',
};

const EPHEMERAL = { cache_control: { type: 'ephemeral' } };
const SHELL = { id: 'toolu_shell', name: 'Bash', arguments: { command: 'echo it-ran', description: 'Say it' } };
const SHELL_TOOL = {
  name: 'Bash',
  description: 'Runs a command.',
  input_schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { command: { type: 'string' }, description: { type: 'string' } },
    required: ['command'],
    additionalProperties: false,
  },
};
/** Keeps the loading of tools on demand switched on; never called. */
const PLACEHOLDER = {
  name: 'Placeholder',
  description: 'Not to be called.',
  input_schema: { type: 'object', properties: {} },
  defer_loading: true,
};

/** What Claude Code 2.1.330 sends, member by member, with other words in it. */
function body(kind: ScriptedKind, turns: readonly object[] = []): object {
  return {
    model: modelOf(kind),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>Be brief.</system-reminder>' },
          { type: 'text', text: 'Run echo.', ...(turns.length === 0 ? EPHEMERAL : {}) },
        ],
      },
      { role: 'system', content: '# Environment\nA terminal.' },
      ...turns,
    ],
    system: [
      { type: 'text', text: 'x-billing: none' },
      { type: 'text', text: 'You help in a terminal.', ...EPHEMERAL },
      { type: 'text', text: 'Call tools.', ...EPHEMERAL },
    ],
    tools: [SHELL_TOOL, PLACEHOLDER],
    metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s"}' },
    max_tokens: 32_000,
    thinking: { type: 'adaptive', display: 'omitted' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'high' },
    stream: true,
  };
}

describe('what Claude Code asks', () => {
  const stage = Stage.setEveryKind();
  const send = (asked: object): Promise<RawAnswer> => stage.call(asked, HEADERS, '/v1/messages?beta=true');

  it.each(SCRIPTED_KINDS)('is answered with a tool call, and its result with a text, by %s', async (kind) => {
    stage.upstream.next(plays({ toolCalls: [SHELL] }), plays({ text: 'It ran.' }));

    const calling = eventsOf(await send(body(kind)));
    const started = calling.find(({ type }) => type === 'content_block_start')?.['content_block'] as { readonly id: string };
    const answered = eventsOf(
      await send(
        body(kind, [
          { role: 'assistant', content: [{ type: 'tool_use', id: started.id, name: SHELL.name, input: SHELL.arguments }] },
          {
            role: 'user',
            content: [{ tool_use_id: started.id, type: 'tool_result', content: 'it-ran', is_error: false, ...EPHEMERAL }],
          },
        ]),
      ),
    );

    expect(started).toMatchObject({ type: 'tool_use', name: 'Bash', input: {} });
    expect(argumentsOf(calling)).toEqual(SHELL.arguments);
    expect(calling.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { stop_reason: 'tool_use' } });
    expect(answered.at(-1)).toEqual({ type: 'message_stop' });
    expect(answered.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { stop_reason: 'end_turn' } });
    const sent = (await stage.upstream.attempt(1)).body.toString();
    for (const text of ['Be brief.', '# Environment', 'Call tools.', 'it-ran']) expect(sent).toContain(text);
  });

  it('goes to Anthropic as it is, beta headers and all', async () => {
    stage.upstream.next(plays());
    const bytes = JSON.stringify(body('anthropic'));

    const answer = await stage.call(bytes, HEADERS, '/v1/messages?beta=true');

    expect(answer.headers['x-tollgate-dropped']).toBeUndefined();
    const { headers, body: sent } = await stage.upstream.attempt(0);
    expect(sent.toString()).toBe(bytes);
    expect(headers).toMatchObject({ 'anthropic-beta': BETAS, 'anthropic-version': '2023-06-01' });
    expect(headers['x-app']).toBeUndefined();
  });

  it('loses elsewhere only hints, each by name', async () => {
    stage.upstream.next(plays());

    const answer = await send(body('openai-chat'));

    expect(String(answer.headers['x-tollgate-dropped']).split(', ').sort()).toEqual([
      'context_management',
      'messages[0].content[1].cache_control',
      'system[1].cache_control',
      'system[2].cache_control',
      'thinking.display',
      'tools[1].defer_loading',
    ]);
    expect((await stage.upstream.attempt(0)).json).toMatchObject({ reasoning_effort: 'high', max_completion_tokens: 32_000 });
  });
});

function argumentsOf(events: readonly object[]): unknown {
  const pieces = events.map((event) => (event as { readonly delta?: { readonly partial_json?: string } }).delta?.partial_json ?? '');
  return JSON.parse(pieces.join(''));
}
