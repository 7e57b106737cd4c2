import { describe, expect, it } from '@jest/globals';
import { NamePatterns } from './name-patterns.js';

describe('NamePatterns', () => {
  it('include what has one of several names', () => {
    const patterns = new NamePatterns(['gpt-4*', 'fast']);

    expect(patterns.includes('slow', 'openai/gpt-4o', 'gpt-4o')).toBe(true);
    expect(patterns.includes('slow', 'openai/gpt-4o')).toBe(false);
    expect(patterns.includes()).toBe(false);
  });

  it.each([
    ['gpt-4o', 'gpt-4o'],
    ['gpt-4*', 'gpt-4'],
    ['gpt-4*', 'gpt-4o-mini'],
    ['*-mini', 'gpt-4o-mini'],
    ['openai/*', 'openai/gpt-4o'],
    ['claude-*-4-*', 'claude-haiku-4-5'],
    ['*', 'anything'],
    ['*', ''],
    ['a**b', 'ab'],
    ['a*a', 'aa'],
    ['*a*', 'bab'],
  ])('%s includes %s', (pattern, name) => {
    expect(new NamePatterns([pattern]).includes(name)).toBe(true);
  });

  it.each([
    ['gpt-4o', 'gpt-4o-mini'],
    ['gpt-4o', 'GPT-4o'],
    ['gpt-4*', 'my-gpt-4'],
    ['gpt.4*', 'gpt-4'],
    ['*-mini', 'gpt-4o-mini-2'],
    ['claude-*-4-*', 'claude-4-5'],
    ['a*a', 'a'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'acb'],
    ['*', undefined],
  ])('%s does not include %s', (pattern, name) => {
    expect(new NamePatterns(name === undefined ? [] : [pattern]).includes(name ?? 'anything')).toBe(false);
  });

  it('looks at all of them', () => {
    const models = new NamePatterns(['a', 'b*', 'c']);

    expect(['a', 'b1', 'c', 'd'].filter((name) => models.includes(name))).toEqual(['a', 'b1', 'c']);
  });

  it('is quick with a pattern and a name that are made to be slow', () => {
    const models = new NamePatterns([`${'a*'.repeat(50)}b`]);

    const startedAt = performance.now();
    expect(models.includes('a'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
