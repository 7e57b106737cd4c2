import { describe, expect, it } from '@jest/globals';
import { modelOf } from '../../support/gateway/kinds.js';
import { PLAYED_TEXT, plays } from '../../support/upstream/dialects.js';
import { MESSAGES, Stage } from '../stage.js';

const TOOLS = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
const target = (provider: 'ollama' | 'openai-chat') => ({ provider, model: modelOf(provider), weight: 1 });

describe('a target that cannot be told what a request says', () => {
  const alias = { strategy: 'priority', onContextOverflow: [], onContentPolicy: [] } as const;
  const stage = Stage.setEveryKind({
    config: {
      models: [
        { name: 'both', targets: [target('ollama'), target('openai-chat')], ...alias },
        { name: 'one', targets: [target('ollama')], ...alias },
      ],
    },
  });

  it('leaves it to the next', async () => {
    stage.upstream.always(plays());

    const answer = await stage.call({ model: 'both', messages: MESSAGES, tools: TOOLS, tool_choice: 'required' });

    expect(answer).toMatchObject({ status: 200, headers: { 'x-tollgate-provider': 'openai-chat', 'x-tollgate-attempts': '2' } });
    expect(answer.body.toString()).toContain(JSON.stringify(PLAYED_TEXT).slice(1, -1));
    expect(stage.upstream.attempts.map(({ path }) => path)).toEqual(['/openai/v1/chat/completions']);
  });

  it('is the answer where there is no next, and nobody is asked', async () => {
    const answer = await stage.call({ model: 'one', messages: MESSAGES, tools: TOOLS, tool_choice: 'required' });

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 'unsupported_parameter', param: 'tool_choice' } });
    expect(stage.upstream.attempts).toEqual([]);
  });
});
