import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { GENAI_PRICES, loadGenaiPrices } from './genai-prices.js';

const list = await loadGenaiPrices();
const EVERY_PROVIDER = [
  'openai',
  'deepseek',
  'openrouter',
  'anthropic',
  'google',
  'aws',
  'azure',
  'groq',
  'mistral',
  'x-ai',
  'together',
  'cohere',
];

describe('the bundled price list', () => {
  it('is named in the ledger with the version that is installed', async () => {
    const manifest = JSON.parse(await readFile('node_modules/@pydantic/genai-prices/package.json', 'utf8')) as { version: string };

    expect(GENAI_PRICES).toBe(`genai-prices@${manifest.version}`);
  });

  it('can be read whole', () => {
    for (const provider of EVERY_PROVIDER) expect(list.models(provider).length).toBeGreaterThan(5);
  });

  it('knows a model by the names of its snapshots, and no model by a made-up name', () => {
    expect(list.findModel('openai', 'gpt-4o-2024-11-20')?.id).toBe('gpt-4o');
    expect(list.findModel('openai', 'gpt-4.1-mini-2025-04-14')?.id).toBe('gpt-4.1-mini');
    expect(list.findModel('openai', 'gpt-5.9-whatever')).toBeUndefined();
    expect(list.findModel('nobody', 'gpt-4o')).toBeUndefined();
  });

  it('says which prices had to be rounded up', () => {
    expect(list.roundedModels('openai')).toEqual([]);
    // US$1 / 12 per million, written as 0.08333333333333334.
    expect(list.roundedModels('openrouter')).toContain('google/gemini-2.5-flash-lite');
    expect(list.findModel('openrouter', 'google/gemini-2.5-flash-lite')?.rates[0]?.base.cacheWrite5m).toBe(83_334n);
  });

  it('knows the dearest sound of a provider', () => {
    expect(list.dearestAudio('openai')).toEqual({ audioInput: 40_000_000n, audioOutput: 80_000_000n });
    expect(list.dearestAudio('deepseek')).toEqual({ audioInput: 0n, audioOutput: 0n });
  });

  it('lists no patterns and no prefixes as models', () => {
    const ids = list.models('openai').map(({ id }) => id);

    expect(ids).toEqual(expect.arrayContaining(['gpt-4o', 'gpt-5.5', 'o3']));
    expect(ids.filter((id) => id.startsWith('ft:') || id.endsWith('-'))).toEqual([]);
  });
});
