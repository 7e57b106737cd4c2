import { GatewayError } from '../core/errors.js';
import type { AnthropicModelDto, AnthropicModelListDto, ModelDto } from './models.dto.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

/** A query as it came: a parameter that is given twice is a list. */
export type ListQuery = Readonly<Record<string, unknown>>;

/** A model as Anthropic describes it. */
export function toAnthropicModel(model: ModelDto): AnthropicModelDto {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: new Date(model.created * 1_000).toISOString(),
    max_input_tokens: model.context_window,
    max_tokens: model.max_output_tokens,
  };
}

/**
 * One page of the models, cut as Anthropic cuts lists: `limit` models right after `after_id`, or right before `before_id`;
 * `has_more` looks the way that was asked for. Other parameters are ignored, as Anthropic's clients send some.
 * Throws `invalid_request` naming the parameter.
 */
export function toAnthropicPage(models: readonly ModelDto[], query: ListQuery): AnthropicModelListDto {
  const limit = limitOf(query);
  const after = positionOf(models, query, 'after_id');
  const before = positionOf(models, query, 'before_id');
  if (after !== undefined && before !== undefined) {
    throw new GatewayError('invalid_request', '`after_id` and `before_id` exclude each other. Send one of them.', { param: 'after_id' });
  }
  const start = before === undefined ? (after ?? -1) + 1 : Math.max(0, before - limit);
  const end = Math.min(before ?? models.length, start + limit);
  const data = models.slice(start, end).map(toAnthropicModel);
  return {
    data,
    has_more: before === undefined ? end < models.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function limitOf({ limit }: ListQuery): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  const number = typeof limit === 'string' && /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1 && number <= MAX_LIMIT) return number;
  throw new GatewayError('invalid_request', `\`limit\`: expected a whole number from 1 to ${MAX_LIMIT}.`, { param: 'limit' });
}

function positionOf(models: readonly ModelDto[], query: ListQuery, name: 'after_id' | 'before_id'): number | undefined {
  const id = query[name];
  if (id === undefined) return undefined;
  const position = models.findIndex((model) => model.id === id);
  if (position >= 0) return position;
  throw new GatewayError('invalid_request', `\`${name}\`: there is no such model in the list. Send an \`id\` of the page you have.`, {
    param: name,
  });
}
