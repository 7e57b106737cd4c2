import type { JsonBody, ModelRequest } from '../../core/call.js';
import { GatewayError } from '../../core/errors.js';
import { type Edit, refuseDuplicates, removals, splice, topLevelMembers } from '../../core/json-members.js';
import { isOurField, isStrict, type ParseTerms, type RelayChanges } from '../dialect.js';
import { toInvalidRequest } from '../wire-issue.js';
import { itemType } from './item-type.js';
import { responsesSchema } from './openai-responses.schema.js';
import { isForeignThought, OUR_PROOF } from './reasoning-item.js';
import { isObject, listOf } from './wire-values.js';

/**
 * Checks a Responses body and reads from it what the gateway must know.
 * Throws `invalid_request` naming the field.
 */
export function parseResponses({ raw, text, parsed }: JsonBody, { alwaysStream = false, headers }: ParseTerms = {}): ModelRequest {
  const checked = responsesSchema.safeParse(parsed);
  if (!checked.success) throw toInvalidRequest(checked.error);
  const body = checked.data;
  refuseContradictions(body, alwaysStream);
  const members = topLevelMembers(text);
  refuseDuplicates(members);
  return {
    dialect: 'openai-responses',
    raw,
    text,
    parsed,
    members,
    modelAsked: body.model,
    providerAsked: typeof body.provider === 'string' ? body.provider : undefined,
    hasProviderPreferences: isObject(body.provider),
    stream: alwaysStream || body.stream === true,
    wantsUsage: true,
    choices: 1,
    userId: body.safety_identifier ?? body.user ?? undefined,
    headers: NO_HEADERS,
    strict: isStrict(headers),
  };
}

const NO_HEADERS = {};

function refuseContradictions(body: Readonly<Record<string, unknown>>, alwaysStream: boolean): void {
  if (body['stream_options'] != null && body['stream'] !== true && !alwaysStream) {
    throw new GatewayError('invalid_request', '`stream_options` is only accepted with `stream: true`.', { param: 'stream_options' });
  }
  const hasState = body['previous_response_id'] != null || body['conversation'] != null || body['prompt'] != null;
  if (hasState) return;
  const input = body['input'];
  if (input == null || (Array.isArray(input) && input.length === 0)) {
    throw new GatewayError('invalid_request', '`input` is missing. Send a text or a list of items.', { param: 'input' });
  }
  if (Array.isArray(input)) refuseOrphans(input);
}

/** What these stand for is known to the provider alone, so a call may be among it. */
const OPAQUE_ITEMS = new Set(['item_reference', 'compaction']);

/** A tool result answers a call that stands before it. */
function refuseOrphans(items: readonly Readonly<Record<string, unknown>>[]): void {
  const calls = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const type = itemType(item);
    if (OPAQUE_ITEMS.has(String(type))) return;
    if (type === 'function_call' || type === 'custom_tool_call') calls.add(item['call_id']);
    if ((type === 'function_call_output' || type === 'custom_tool_call_output') && !calls.has(item['call_id'])) {
      const param = `input[${index}].call_id`;
      throw new GatewayError('invalid_request', `\`${param}\` answers no tool call that stands before it. Send the call, too.`, { param });
    }
  }
}

/**
 * The body for a provider of the same dialect: the client's own bytes where nothing changes, else those bytes with the changed
 * members spliced. Thoughts that came from a provider of another dialect are left out: OpenAI refuses what it has not encrypted.
 */
export function toRelayBody(request: ModelRequest, changes: RelayChanges): Buffer {
  const { raw, text, members } = request;
  const edits: Edit[] = removals(members, (key) => isOurField(key, changes));
  const missing: string[] = [];
  const set = (key: string, value: string): void => {
    const member = members.find((one) => one.key === key);
    if (!member) missing.push(`${JSON.stringify(key)}:${value},`);
    else if (text.slice(member.valueStart, member.valueEnd) !== value) {
      edits.push({ start: member.valueStart, end: member.valueEnd, text: value });
    }
  };
  set('model', JSON.stringify(changes.model));
  if (request.stream) set('stream', 'true');
  const input = withoutForeignThoughts(request);
  if (input) set('input', JSON.stringify(input));
  if (changes.maxOutputTokens !== undefined) set('max_output_tokens', String(changes.maxOutputTokens));
  if (missing.length > 0) {
    const open = text.indexOf('{') + 1;
    edits.unshift({ start: open, end: open, text: missing.join('') });
  }
  if (edits.length === 0) return raw;
  edits.sort((a, b) => a.start - b.start);
  return Buffer.from(splice(text, edits));
}

/** The input less what is not for this provider; `undefined` where all of it is. */
function withoutForeignThoughts({ text, parsed }: ModelRequest): unknown[] | undefined {
  if (!text.includes(OUR_PROOF) || !isObject(parsed)) return undefined;
  const input = listOf(parsed['input']);
  const kept = input.filter((item) => !isForeignThought(item));
  return kept.length === input.length ? undefined : kept;
}
