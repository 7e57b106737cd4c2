import { describe, expect, it } from '@jest/globals';
import { DIALECT_NAMES } from '../../../src/core/call.js';
import { testProvider } from '../../support/config.js';
import { Stage } from '../stage.js';

const PATHS = ['/v1/chat/completions', '/v1/chat/stream', '/v1/responses', '/v1/messages', '/v1/messages/count_tokens', '/v1/embeddings'];

interface OpenApi {
  readonly paths: Record<
    string,
    {
      readonly post: {
        readonly requestBody: { readonly content: Record<string, { readonly examples: Record<string, { readonly value: object }> }> };
      };
    }
  >;
}

describe('every example of the documents', () => {
  const stage = Stage.set({
    config: { providers: [testProvider({ dialects: DIALECT_NAMES.filter((dialect) => dialect !== 'ollama') })] },
  });

  it.each(PATHS)('works when pasted: POST %s', async (path) => {
    const { paths } = JSON.parse((await stage.raw({ path: '/openapi.json' })).body.toString()) as OpenApi;
    const examples = Object.values(paths[path]!.post.requestBody.content['application/json']!.examples);

    for (const { value } of examples) {
      const answer = await stage.call(value, {}, path);

      expect(answer.status).toBe(200);
      const isStream = path === '/v1/chat/stream' || ('stream' in value && value.stream === true);
      expect(answer.headers['content-type']).toMatch(isStream ? /^text\/event-stream/ : /^application\/json/);
      expect(answer.whole).toBe(true);
    }
    expect(examples.length).toBeGreaterThanOrEqual(1);
  });
});
