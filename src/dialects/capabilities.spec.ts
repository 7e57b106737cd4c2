import { describe, expect, it } from '@jest/globals';
import { type ChatClientName, MORE_SAMPLES, type Sample, SAMPLES } from '../../test/dialects/feature-samples.js';
import type { ChatDialectName } from '../core/call.js';
import type { Settings } from '../core/conversation.js';
import { GatewayError } from '../core/errors.js';
import type { Feature } from '../core/features.js';
import { CAPABILITIES } from './capabilities.js';
import { CODECS } from './dialects.js';
import { DIALECTS, type Translation, translate } from './index.js';

const TARGETS = Object.keys(CODECS) as ChatDialectName[];

interface Way {
  readonly feature: Feature;
  readonly client: ChatClientName;
  readonly target: ChatDialectName;
  readonly sample: Sample;
}

const EVERY_SAMPLE: readonly (readonly [Feature, ChatClientName, Sample])[] = [
  ...(Object.keys(SAMPLES) as Feature[]).flatMap((feature) =>
    (Object.entries(SAMPLES[feature]) as [ChatClientName, Sample][]).map(([client, sample]) => [feature, client, sample] as const),
  ),
  ...MORE_SAMPLES,
];
const WAYS: readonly Way[] = EVERY_SAMPLE.flatMap(([feature, client, sample]) =>
  TARGETS.map((target) => ({ feature, client, target, sample })),
);
/** Between equal dialects nothing is translated, so that the table has no say. */
const TRANSLATED = WAYS.filter(({ client, target }) => client !== target);

const ways = (carriage: string): [string, Way][] =>
  TRANSLATED.filter(({ feature, target }) => CAPABILITIES[feature][target] === carriage).map((way) => [
    `${way.feature}: ${way.client} → ${way.target}, ${way.sample[1]}`,
    way,
  ]);

describe('what the table calls carried', () => {
  it.each(ways('carried'))('%s', (_, way) => {
    const { dropped, body } = send(way);
    const again = CODECS[way.target].decodeRequest(JSON.parse(body.toString('utf8')));
    expect(dropped).not.toContain(way.sample[1]);
    const words = OTHER_WORDS[way.feature]?.[way.target];
    if (words === undefined) expect([...again.uses.entries()].map(([feature]) => feature)).toContain(way.feature);
    else expect(body.toString('utf8')).toContain(words);
    const setting = SETTING_OF[way.feature];
    if (setting) expect(again.settings[setting]).toEqual(CODECS[way.client].decodeRequest(way.sample[0]).settings[setting]);
  });
});

describe('what the table calls a hint', () => {
  it.each(ways('hint'))('%s', (_, way) => {
    expect(send(way).dropped).toContain(way.sample[1]);
    expect(refusalOf(() => send(way, { 'x-tollgate-strict': 'true' }))).toEqual(['unsupported_parameter', way.sample[1]]);
  });
});

describe('what the table calls refused', () => {
  it.each(ways('refused'))('%s', (_, way) => {
    const [kind, param] = refusalOf(() => send(way));
    expect(kind).toBe('unsupported_parameter');
    // Or what stands inside of it: a document in a result is a document, too.
    expect(param).toContain(way.sample[1]);
  });
});

describe('what nobody can ask for but in the dialect itself', () => {
  const reached = new Set(TRANSLATED.map(({ feature, target }) => `${feature} ${target}`));
  const own = WAYS.filter(({ feature, client, target }) => client === target && !reached.has(`${feature} ${target}`));

  it.each(own.map((way) => [`${way.feature}: ${way.target}`, way] as const))('%s is relayed', (_, way) => {
    const { dropped, body } = send(way);
    expect(JSON.parse(body.toString('utf8'))).toMatchObject({ ...way.sample[0], model: 'asked' });
    expect(dropped).toEqual([]);
    expect(CAPABILITIES[way.feature][way.target]).toBe('carried');
  });
});

describe('a list of allowed tools, for Anthropic, which has no such list', () => {
  const asked = (client: ChatClientName, sample: Sample): unknown =>
    JSON.parse(send({ feature: 'tool_choice.allowed', client, target: 'anthropic-messages', sample }).body.toString('utf8'));
  const tools = [expect.objectContaining({ name: 'f' })];

  it('is all the tools there are', () => {
    expect(asked('openai-responses', SAMPLES['tool_choice.allowed']['openai-responses']!)).toMatchObject({ tools });
    expect(asked('openai-responses', SAMPLES['tool_choice.allowed']['openai-responses']!)).not.toHaveProperty('tool_choice');
  });

  it('must be called from, where one of them must', () => {
    expect(asked('openai-chat', SAMPLES['tool_choice.allowed']['openai-chat']!)).toMatchObject({ tools, tool_choice: { type: 'any' } });
  });
});

describe('a member that nobody here knows', () => {
  it.each(EVERY_SAMPLE.map(([feature, client, sample]) => [`${client}: ${feature}, ${sample[1]}`, client, sample] as const))(
    'is named wherever it stands in %s',
    (_, client, [body]) => {
      for (const path of objectsIn(body)) {
        const copy = structuredClone(body) as Record<string, unknown>;
        memberAt(copy, path)['novelty'] = 1;
        const where = fieldOf([...path, 'novelty']);
        const named = [...CODECS[client].decodeRequest(copy).uses.entries()].filter(([feature]) => !isCarriedAnywhere(feature, client));
        const covering = named.flatMap(([, fields]) => fields).filter((field) => where === field || where.startsWith(field));
        expect([where, covering.length > 0]).toEqual([where, true]);
      }
    },
  );
});

function send({ client, target, sample: [body] }: Way, headers = {}): Translation {
  const text = JSON.stringify(body);
  const request = DIALECTS[client].parse({ raw: Buffer.from(text), text, parsed: body }, { headers });
  return translate(request, {
    provider: {
      dialects: [target],
      streamOptions: false,
      hasProviderField: false,
      maxTokensField: 'max_completion_tokens',
      defaultMaxTokens: () => 4096,
      lacks: () => new Set(),
    },
    model: 'asked',
    id: '1',
    nowMs: 0,
  });
}

function refusalOf(attempt: () => unknown): readonly unknown[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof GatewayError) return [error.kind, error.details.param];
    throw error;
  }
  return ['nothing was refused'];
}

/** Where a dialect says something in other words, which its decoder then reads as what they are: a piece of the body. */
const OTHER_WORDS: Readonly<Partial<Record<Feature, Readonly<Partial<Record<ChatDialectName, string>>>>>> = {
  'document.text': {
    'openai-chat': '{"type":"text","text":"The document"}',
    'openai-responses': '{"type":"input_text","text":"The document"}',
    ollama: 'The document',
  },
  'reasoning.budget': { 'openai-chat': '"reasoning_effort":"low"', 'openai-responses': '"effort":"low"', ollama: '"think":"low"' },
  'tool_result.image': { 'openai-chat': '"type":"image_url"' },
  'tool_result.document': { 'openai-chat': '"type":"file"' },
  'tool_choice.allowed': { 'anthropic-messages': '"tools":[{"name":"f"' },
  'refusal.history': { 'anthropic-messages': 'I refuse', ollama: 'I refuse' },
  'tool_result.error': { 'openai-chat': 'Error: broken', 'openai-responses': 'Error: broken', ollama: 'Error: broken' },
};

/** Settings that must have the same value when they arrive. */
const SETTING_OF: Readonly<Partial<Record<Feature, keyof Settings>>> = {
  verbosity: 'verbosity',
  logprobs: 'logprobs',
  stop: 'stop',
  'stop.many': 'stop',
  temperature: 'temperature',
  'temperature.above_1': 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  seed: 'seed',
  metadata: 'metadata',
  service_tier: 'serviceTier',
  end_user: 'endUser',
  store: 'store',
  prompt_cache: 'promptCacheKey',
};

/** What the caller or the model has made, in whose members everything has a meaning. */
const FREE = new Set([
  'parameters',
  'input_schema',
  'schema',
  'input',
  'metadata',
  'logit_bias',
  'cache_control',
  'prompt_cache_breakpoint',
]);
/** Noted at the place where they are asked for, not for what stands in them. */
const WHOLE = new Set(['reasoning_details', 'tool_choice', 'summary', 'input_audio']);

function objectsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).filter(([key, held]) => Array.isArray(held) || !(FREE.has(key) || WHOLE.has(key)));
  const here = Array.isArray(value) ? [] : [path];
  return [...here, ...inner.flatMap(([key, held]) => (WHOLE.has(key) ? [] : objectsIn(held, [...path, key])))];
}

function memberAt(body: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  return path.reduce((at, key) => at[key] as Record<string, unknown>, body);
}

function fieldOf(path: readonly string[]): string {
  return path.map((key, i) => (/^\d+$/.test(key) ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');
}

function isCarriedAnywhere(feature: Feature, client: ChatClientName): boolean {
  return TARGETS.some((target) => target !== client && CAPABILITIES[feature][target] === 'carried');
}
