import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../load-config.js';
import type { Setting } from './settings.js';

describe('listSettings', () => {
  it('says of a variable whether somebody has set it', () => {
    const settings = settingsFrom({ PORT: '9000' });

    expect(settings.get('PORT')).toEqual(['9000', 'environment']);
    expect(settings.get('HOST')).toEqual(['0.0.0.0', 'default']);
    expect(settings.get('CORS_ORIGINS')).toEqual([null, 'default']);
  });

  it('says of a key whether it stands in the file', () => {
    const settings = settingsFrom({}, 'retry: {max_attempts: 5}\nprices: [{model: m, input: 0.50, output: 1}]');

    expect(settings.get('retry.max_attempts')).toEqual([5, 'file']);
    expect(settings.get('retry.base_ms')).toEqual([200, 'default']);
    expect(settings.get('routing.prefixes')).toEqual([expect.objectContaining({ 'gpt-': 'openai' }), 'default']);
    expect(settings.get('prices.m.input')).toEqual(['0.50', 'file']);
  });

  it('shows one value where a variable and a key mean the same, under both names', () => {
    const settings = settingsFrom(
      { MAX_REQUESTS_PER_MINUTE: '7' },
      'limits: {requests_per_minute: 1, requests_per_hour: 2}\ncache: {ttl_seconds: 9}',
    );

    expect([settings.get('limits.requests_per_minute'), settings.get('MAX_REQUESTS_PER_MINUTE')]).toEqual([
      [7, 'environment'],
      ['7', 'environment'],
    ]);
    expect([settings.get('limits.requests_per_hour'), settings.get('MAX_REQUESTS_PER_HOUR')]).toEqual([
      [2, 'file'],
      ['2', 'file'],
    ]);
    expect(settings.get('CACHE_MODE')).toEqual(['deterministic', 'default']);
    expect(settings.get('CACHE_TTL_SECONDS')).toEqual(['9', 'file']);
  });

  it('names the entries of lists, and says of providers what the file says and what the environment does', () => {
    const settings = settingsFrom(
      { OPENAI_API_KEY: 'sk-secret-1', OPENAI_API_BASE: 'https://proxy.example/v1', ANTHROPIC_API_KEY: 'sk-secret-2' },
      [
        'providers: [{name: openai, priority: 3, timeouts: {connect_ms: 5}, headers: {x-team: hush}}]',
        'models: [{name: gpt-4.1-fast, targets: [{provider: openai, model: gpt-4.1}]}]',
      ].join('\n'),
    );

    expect(settings.get('providers.openai.priority')).toEqual([3, 'file']);
    expect(settings.get('providers.openai.weight')).toEqual([1, 'default']);
    expect(settings.get('providers.openai.timeouts.connect_ms')).toEqual([5, 'file']);
    expect(settings.get('providers.openai.base_url')).toEqual(['https://proxy.example/v1', 'environment']);
    expect(settings.get('providers.anthropic.base_url')).toEqual(['https://api.anthropic.com', 'default']);
    expect(settings.get('providers.anthropic.api_keys')).toEqual([['***'], 'environment']);
    expect(settings.get('models["gpt-4.1-fast"].targets')).toEqual([[{ provider: 'openai', model: 'gpt-4.1', weight: 1 }], 'file']);
  });

  it('shows no secret', () => {
    const secrets = { OPENAI_API_KEY: 'sk-secret-1', API_KEYS: 'name=secret-secret-secret', DATABASE_URL: 'postgres://u:secret@db/x' };
    const settings = settingsFrom({ ...secrets, COST_PER_TOKEN_GPT_4O: '0.1' }, 'providers: [{name: openai, headers: {x-a: secret}}]');

    const text = JSON.stringify([...settings]);
    expect(text).not.toContain('secret');
    expect(settings.get('DATABASE_URL')).toEqual(['***', 'environment']);
    expect(settings.get('providers.openai.headers')).toEqual([{ 'x-a': '***' }, 'file']);
    expect(settings.get('COST_PER_TOKEN_GPT_4O')).toEqual(['0.1', 'environment']);
  });
});

/** By name: value and source. */
function settingsFrom(env: Record<string, string>, yaml?: string): ReadonlyMap<string, readonly [unknown, Setting['source']]> {
  const cwd = mkdtempSync(join(tmpdir(), 'tollgate-settings-'));
  try {
    if (yaml !== undefined) writeFileSync(join(cwd, 'tollgate.yaml'), yaml);
    return new Map(readConfig({ env, cwd }).settings.map(({ name, value, source }) => [name, [value, source] as const]));
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
