import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { kindProviders, modelOf, SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';
import { ScriptedUpstream, type Behaviour } from '../../support/upstream.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { frame } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';
import { TAGS_PATH } from '../../support/gateway/kinds.js';
import { good } from './route-stage.js';

type Refusal = readonly [status: number, body: object];

const openai = (message: string, code: string | null, param: string | null = null): object => ({
  error: { message, type: 'invalid_request_error', param, code },
});
const anthropic = (message: string): object => ({ type: 'error', error: { type: 'invalid_request_error', message }, request_id: 'req_1' });

/** How each provider says that a prompt is too long for the model. */
const TOO_LONG: Readonly<Record<ScriptedKind, Refusal>> = {
  'openai-chat': [
    400,
    openai(
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130011 tokens.",
      'context_length_exceeded',
      'messages',
    ),
  ],
  'openai-responses': [
    400,
    openai(
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      'context_length_exceeded',
      'input',
    ),
  ],
  anthropic: [400, anthropic('prompt is too long: 205000 tokens > 200000 maximum')],
  ollama: [400, { error: 'the input length exceeds the context length' }],
  openrouter: [
    400,
    { error: { message: "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens.", code: 400 } },
  ],
  deepseek: [
    400,
    openai("This model's maximum context length is 131072 tokens. However, you requested 140000 tokens.", 'invalid_request_error'),
  ],
};

/** How each provider says that it will not have the prompt for what is in it. */
const NOT_ALLOWED: readonly (readonly [kind: ScriptedKind, words: string, refusal: Refusal])[] = [
  ['openai-chat', 'content_policy_violation', [400, openai('Your request was rejected by our safety system.', 'content_policy_violation')]],
  [
    'openai-chat',
    "Azure's content_filter",
    [
      400,
      openai(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        'content_filter',
        'prompt',
      ),
    ],
  ],
  [
    'openai-responses',
    'invalid_prompt',
    [400, openai('Invalid prompt: your prompt was flagged as potentially violating our usage policy.', 'invalid_prompt')],
  ],
  ['anthropic', 'content filtering policy', [400, anthropic('Output blocked by content filtering policy')]],
  ['deepseek', 'Content Exists Risk', [400, openai('Content Exists Risk', 'invalid_request_error')]],
  [
    'openrouter',
    'moderation',
    [
      403,
      {
        error: {
          code: 403,
          message: 'The chosen model requires moderation and your input was flagged for "violence".',
          metadata: { reasons: ['violence'], flagged_input: 'Say…hello.', provider_name: 'OpenAI', model_slug: 'some/model' },
        },
      },
    ],
  ],
];

const ELSEWHERE = 'elsewhere';
const place = { provider: ELSEWHERE, model: 'larger-model' };
const aliasOf = (name: string, kind: ScriptedKind, detour: 'onContextOverflow' | 'onContentPolicy') => ({
  name: `${name}-${kind}`,
  strategy: 'priority' as const,
  targets: [
    { provider: kind, model: modelOf(kind), weight: 1 },
    { provider: 'usual', model: 'next-model', weight: 1 },
  ],
  onContextOverflow: [],
  onContentPolicy: [],
  [detour]: [place],
});

describe('a prompt that a target will not take', () => {
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;
  let requests = 0;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    upstream.aside(TAGS_PATH, answers({ models: [] }));
    gateway = await startGateway({
      providers: [
        ...kindProviders(upstream.origin),
        scriptedProvider(`${upstream.origin}/${ELSEWHERE}/v1`, { name: ELSEWHERE, models: ['larger-model'] }),
        scriptedProvider(`${upstream.origin}/usual/v1`, { name: 'usual', models: ['next-model'] }),
      ],
      models: SCRIPTED_KINDS.flatMap((kind) => [aliasOf('long', kind, 'onContextOverflow'), aliasOf('bold', kind, 'onContentPolicy')]),
    });
  }, 30_000);
  beforeEach(() => upstream.forget());
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  }, 30_000);

  /** All but the detour refuse. */
  async function ask(model: string, refusal: Behaviour, stream = false): Promise<RawAnswer & { readonly requestId: string }> {
    upstream.always((exchange) => (exchange.attempt.path.startsWith(`/${ELSEWHERE}/`) ? good : refusal)(exchange));
    requests += 1;
    const requestId = `detour-${requests}`;
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const body = JSON.stringify({ model, messages: MESSAGES, stream });
    return { ...(await rawRequest(gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body })), requestId };
  }

  async function expectDetour(answer: RawAnswer & { readonly requestId: string }, kind: ScriptedKind, outcome: string): Promise<void> {
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-tollgate-provider': ELSEWHERE,
      'x-tollgate-model': 'larger-model',
      'x-tollgate-attempts': '2',
    });
    const { attempts, ending, error_kind } = await gateway.ledger.row(answer.requestId);
    // The next of the usual targets is passed over: it was not chosen for such a prompt.
    expect(attempts).toMatchObject([
      { provider: kind, outcome },
      { provider: ELSEWHERE, model: 'larger-model', outcome: 'answered' },
    ]);
    expect([ending, error_kind]).toEqual(['complete', null]);
  }

  describe.each([false, true])('(stream: %s)', (stream) => {
    it.each(SCRIPTED_KINDS)('because it is too long goes to where long ones go: %s', async (kind) => {
      const [status, body] = TOO_LONG[kind];

      await expectDetour(await ask(`long-${kind}`, answers(body, status), stream), kind, 'context_length_exceeded');
    });

    it.each(NOT_ALLOWED)('for its content goes to where such prompts go: %s, %s', async (kind, _, [status, body]) => {
      await expectDetour(await ask(`bold-${kind}`, answers(body, status), stream), kind, 'content_policy');
    });
  });

  it('goes there too when the refusal is the first event of a stream', async () => {
    const refusal = streams([frame(JSON.stringify(TOO_LONG['openai-chat'][1]))]);

    await expectDetour(await ask('long-openai-chat', refusal, true), 'openai-chat', 'context_length_exceeded');
  });

  it.each([
    ['too long', 'bold-openai-chat', TOO_LONG['openai-chat'], 'context_length_exceeded'],
    ['not allowed', 'long-openai-chat', NOT_ALLOWED[0]![2], 'content_policy_violation'],
  ])('is told of as it is where nothing is said of prompts that are %s', async (_, model, [status, body], code) => {
    const answer = await ask(model, answers(body, status));

    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.body.toString()) as { error: unknown }).error).toMatchObject({ code });
    expect(upstream.attempts).toHaveLength(1);
  });
});
