// What it takes to say a long conversation in another dialect: read from the parsed body, and written as the bytes for the provider.

import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './figures.mjs';

/** @typedef {{ from: string, to: string, ms: number }} Translated the median of many times */
/** @typedef {{ decodeRequest: (body: unknown) => unknown, encodeRequest: (conversation: unknown, terms: object) => unknown }} Codec */

const MESSAGES = 200;
const BYTES = 400 * 1024;
const TOOLS = 20;
const WARMUP = 100;
const TIMES = 101;
const TERMS = { model: 'm', stream: true, askUsage: true, maxTokensField: 'max_completion_tokens', defaultMaxTokens: 4096 };

/** In Chat Completions: in each turn of four messages a question, a call with its result, and what came of it. */
function toConversation() {
  const tools = Array.from({ length: TOOLS }, (_, at) => ({ type: 'function', function: toTool(at) }));
  const text = 'Doors open at ten, the last tour leaves at four, and “groups” ring ahead.\n'
    .repeat(100)
    .slice(0, (BYTES - 20_000) / MESSAGES);
  const messages = Array.from({ length: MESSAGES / 4 }, (_, turn) => {
    const id = `call_${turn}`;
    const call = { id, type: 'function', function: { name: `tool_${turn % TOOLS}`, arguments: JSON.stringify({ place: text }) } };
    return [
      { role: 'user', content: text },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: id, content: text },
      { role: 'assistant', content: text },
    ];
  });
  return { model: 'm', messages: messages.flat(), tools, max_completion_tokens: 1000 };
}

/** @param {number} at */
function toTool(at) {
  const place = { type: 'string', description: 'The place that is asked about, as people call it' };
  return {
    name: `tool_${at}`,
    description: 'Says what is known of a place',
    parameters: { type: 'object', properties: { place }, required: ['place'] },
  };
}

/** @param {Codec} from @param {Codec} to @param {unknown} body */
function timeOf(from, to, body) {
  /** @type {number[]} */
  const times = [];
  for (let at = 0; at < WARMUP + TIMES; at += 1) {
    const startedMs = performance.now();
    Buffer.from(JSON.stringify(to.encodeRequest(from.decodeRequest(body), TERMS)));
    if (at >= WARMUP) times.push(performance.now() - startedMs);
  }
  return median(times);
}

/** @param {string} entry the build, beside whose entry the dialects are @returns {Promise<Translated[]>} */
async function measure(entry) {
  const { CODECS } = await import(pathToFileURL(join(dirname(entry), 'dialects', 'index.js')).href);
  const codecs = /** @type {[string, Codec][]} */ (Object.entries(CODECS));
  const asked = CODECS['openai-chat'].decodeRequest(toConversation());
  return codecs
    .filter(([from]) => from !== 'ollama')
    .flatMap(([from, decoding]) => {
      const body = JSON.parse(JSON.stringify(decoding.encodeRequest(asked, TERMS)));
      const others = codecs.filter(([to]) => to !== from);
      return others.map(([to, encoding]) => ({ from, to, ms: timeOf(decoding, encoding, body) }));
    });
}

process.on('message', async (/** @type {{ id: number }} */ { id }) => {
  process.send?.({ id, translated: await measure(process.argv[2] ?? '') });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
