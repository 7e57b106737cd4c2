import type { AnswerTerms } from '../dialect.js';
import { isObject, objectsOf, stringOf, type WireObject } from './wire-values.js';

/** How far an answer is, for the response object that says so. */
export interface Progress {
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  readonly reason?: 'max_output_tokens' | 'content_filter';
  readonly output: readonly unknown[];
  readonly usage: unknown;
  readonly model: string;
  readonly serviceTier: string | undefined;
}

/** A response object: what was answered, and the request's own settings, with the defaults filled in that the service has. */
export function toResponse(terms: AnswerTerms, progress: Progress): Record<string, unknown> {
  const request = isObject(terms.request) ? terms.request : {};
  return {
    id: `resp_${terms.id}`,
    object: 'response',
    created_at: terms.createdSeconds,
    status: progress.status,
    background: false,
    error: null,
    incomplete_details: progress.reason === undefined ? null : { reason: progress.reason },
    instructions: request['instructions'] ?? null,
    max_output_tokens: request['max_output_tokens'] ?? null,
    max_tool_calls: request['max_tool_calls'] ?? null,
    model: progress.model,
    output: progress.output,
    parallel_tool_calls: request['parallel_tool_calls'] ?? true,
    // Nothing of an answer that was translated is kept, so that it cannot be built upon.
    previous_response_id: null,
    store: false,
    ...sampling(request),
    ...toolsOf(request),
    ...textAndReasoning(request),
    service_tier: tierOf(progress.serviceTier),
    usage: progress.usage,
    ...names(request),
  };
}

function sampling(request: WireObject): Record<string, unknown> {
  return {
    temperature: request['temperature'] ?? 1,
    top_p: request['top_p'] ?? 1,
    top_logprobs: request['top_logprobs'] ?? 0,
    truncation: request['truncation'] ?? 'disabled',
  };
}

function toolsOf(request: WireObject): Record<string, unknown> {
  const tools = objectsOf(request['tools']).map((tool) =>
    tool['type'] === 'function'
      ? { ...tool, description: tool['description'] ?? null, parameters: tool['parameters'] ?? null, strict: tool['strict'] ?? true }
      : tool,
  );
  return { tool_choice: request['tool_choice'] ?? 'auto', tools };
}

function textAndReasoning(request: WireObject): Record<string, unknown> {
  const text = isObject(request['text']) ? request['text'] : {};
  const reasoning = isObject(request['reasoning']) ? request['reasoning'] : {};
  return {
    text: { ...text, format: text['format'] ?? { type: 'text' }, verbosity: text['verbosity'] ?? 'medium' },
    reasoning: { ...reasoning, effort: reasoning['effort'] ?? null, summary: reasoning['summary'] ?? null },
  };
}

function names(request: WireObject): Record<string, unknown> {
  return {
    metadata: request['metadata'] ?? {},
    prompt_cache_key: request['prompt_cache_key'] ?? null,
    safety_identifier: request['safety_identifier'] ?? null,
    user: request['user'] ?? null,
  };
}

const TIERS = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast']);

/** The tier that the answer was made in, where it is one that this dialect has a word for. */
function tierOf(tier: string | undefined): string {
  const known = stringOf(tier);
  return known !== undefined && TIERS.has(known) ? known : 'default';
}
