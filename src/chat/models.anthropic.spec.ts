import { describe, expect, it } from '@jest/globals';
import { type ListQuery, toAnthropicModel, toAnthropicPage } from './models.anthropic.js';
import type { ModelDto } from './models.dto.js';

describe('a page of models', () => {
  it.each<[string, ListQuery, string[], boolean]>([
    ['begins at the beginning', { limit: '2' }, ['a', 'b'], true],
    ['follows after_id', { limit: '2', after_id: 'b' }, ['c', 'd'], true],
    ['ends with the list', { limit: '3', after_id: 'b' }, ['c', 'd', 'e'], false],
    ['is cut short by the end', { limit: '9', after_id: 'c' }, ['d', 'e'], false],
    ['leads up to before_id', { limit: '2', before_id: 'd' }, ['b', 'c'], true],
    ['leads up to before_id from the beginning', { limit: '3', before_id: 'd' }, ['a', 'b', 'c'], false],
    ['is cut short by the beginning', { limit: '9', before_id: 'c' }, ['a', 'b'], false],
    ['ignores what it does not know', { beta: 'true' }, ['a', 'b', 'c', 'd', 'e'], false],
  ])('%s', (_, query, ids, hasMore) => {
    const page = toAnthropicPage(MODELS, query);

    expect(page.data.map(({ id }) => id)).toEqual(ids);
    expect(page).toMatchObject({ has_more: hasMore, first_id: ids[0], last_id: ids.at(-1) });
  });

  it.each<[string, ListQuery]>([
    ['after the last model', { after_id: 'e' }],
    ['before the first', { before_id: 'a' }],
  ])('%s is empty', (_, query) => {
    expect(toAnthropicPage(MODELS, query)).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
  });

  it('has twenty models unless told otherwise', () => {
    const many = Array.from({ length: 30 }, (_, number) => model(`model-${number}`));

    expect(toAnthropicPage(many, {}).data).toHaveLength(20);
  });

  it.each<[string, ListQuery]>([
    ['limit', { limit: '0' }],
    ['limit', { limit: '1001' }],
    ['limit', { limit: 'all' }],
    ['limit', { limit: '1e2' }],
    ['limit', { limit: ['1', '2'] }],
    ['after_id', { after_id: 'nobody' }],
    ['before_id', { before_id: '' }],
    ['after_id', { after_id: 'a', before_id: 'b' }],
  ])('refuses a wrong %s by name: %j', (param, query) => {
    expect(() => toAnthropicPage(MODELS, query)).toThrow(
      expect.objectContaining({ kind: 'invalid_request', details: { param }, message: expect.stringContaining(`\`${param}\``) }),
    );
  });
});

describe('a model in Anthropic’s words', () => {
  it('says when it was made in RFC 3339, and what it takes', () => {
    expect(toAnthropicModel({ ...model('a'), context_window: 200_000, max_output_tokens: 64_000 })).toEqual({
      type: 'model',
      id: 'a',
      display_name: 'a',
      created_at: '2026-01-01T00:00:00.000Z',
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    });
  });

  it('leaves open what is not known', () => {
    expect(toAnthropicModel(model('a'))).toMatchObject({ max_input_tokens: null, max_tokens: null });
  });
});

function model(id: string): ModelDto {
  return {
    id,
    object: 'model',
    created: 1_767_225_600,
    owned_by: 'scripted',
    providers: ['scripted'],
    context_window: null,
    max_output_tokens: null,
    pricing: null,
  };
}

const MODELS = ['a', 'b', 'c', 'd', 'e'].map(model);
