import type { JsonBody, ModelRequest } from '../../core/call.js';
import { GatewayError } from '../../core/errors.js';
import { type Edit, type JsonMember, refuseDuplicates, removals, splice, topLevelMembers } from '../../core/json-members.js';
import { isOurField, isStrict, type ParseTerms, type RelayChanges } from '../dialect.js';
import { toInvalidRequest } from '../wire-issue.js';
import { refuseToolDisorder } from './message-order.js';
import { type ChatCompletionBody, chatCompletionSchema } from './openai-chat.schema.js';
import { isUsualBody } from './usual-body.js';

/**
 * Checks a Chat Completions body and reads from it what the gateway must know.
 * Throws `invalid_request` naming the field.
 */
export function parseChatCompletion({ raw, text, parsed }: JsonBody, { alwaysStream = false, headers }: ParseTerms = {}): ModelRequest {
  const body = checkedBody(parsed);
  refuseContradictions(body, alwaysStream);
  refuseToolDisorder(body.messages);
  const members = topLevelMembers(text);
  refuseDuplicates(members);
  return {
    dialect: 'openai-chat',
    raw,
    text,
    parsed,
    members,
    modelAsked: body.model,
    providerAsked: typeof body['provider'] === 'string' ? body['provider'] : undefined,
    hasProviderPreferences: typeof body['provider'] === 'object' && body['provider'] !== null,
    stream: alwaysStream || body.stream === true,
    wantsUsage: body.stream_options?.include_usage === true,
    choices: body.n ?? 1,
    userId: body.user ?? undefined,
    headers: NO_HEADERS,
    strict: isStrict(headers),
  };
}

function checkedBody(parsed: unknown): ChatCompletionBody {
  if (isUsualBody(parsed)) return parsed;
  const checked = chatCompletionSchema.safeParse(parsed);
  if (!checked.success) throw toInvalidRequest(checked.error);
  return checked.data;
}

function refuseContradictions(body: { [key: string]: unknown }, alwaysStream: boolean): void {
  if (body['max_tokens'] != null && body['max_completion_tokens'] != null) {
    throw new GatewayError('invalid_request', '`max_tokens` and `max_completion_tokens` exclude each other. Send one of them.', {
      param: 'max_tokens',
    });
  }
  if (body['stream_options'] != null && body['stream'] !== true && !alwaysStream) {
    throw new GatewayError('invalid_request', '`stream_options` is only accepted with `stream: true`.', { param: 'stream_options' });
  }
}

const NO_HEADERS = {};

/** What a provider is to be told differently from what the client said. */
export interface RequestChanges extends RelayChanges {
  readonly stream: boolean;
}

/** The body for the provider: the client's own bytes where nothing changes, else those bytes with the changed members spliced. */
export function toUpstreamBody(request: ModelRequest, changes: RequestChanges): Buffer {
  const { raw, text, members } = request;
  const edits: Edit[] = removals(members, (key) => isOurField(key, changes));
  // Nearly every plain call.
  if (edits.length === 0 && request.modelAsked === changes.model && !changes.stream && changes.maxOutputTokens === undefined) return raw;
  const missing: string[] = [];
  const set = (key: string, value: string): void => {
    const member = members.find((one) => one.key === key);
    if (!member) missing.push(`${JSON.stringify(key)}:${value}`);
    else if (text.slice(member.valueStart, member.valueEnd) !== value) {
      edits.push({ start: member.valueStart, end: member.valueEnd, text: value });
    }
  };
  set('model', JSON.stringify(changes.model));
  if (changes.stream) set('stream', 'true');
  if (changes.stream && changes.askUsage) set('stream_options', withUsage(text, members));
  if (changes.maxOutputTokens !== undefined) set(limitField(request, changes), String(changes.maxOutputTokens));
  if (missing.length > 0) {
    const open = text.indexOf('{') + 1;
    edits.unshift({ start: open, end: open, text: `${missing.join(',')},` });
  }
  if (edits.length === 0) return raw;
  edits.sort((a, b) => a.start - b.start);
  return Buffer.from(splice(text, edits));
}

/** Where the client has put its limit, else where the target takes one. */
function limitField({ parsed }: ModelRequest, { maxTokensField }: RequestChanges): string {
  const body = parsed as ChatCompletionBody;
  if (body.max_tokens != null) return 'max_tokens';
  return body.max_completion_tokens == null ? maxTokensField : 'max_completion_tokens';
}

function withUsage(json: string, members: readonly JsonMember[]): string {
  const member = members.find((one) => one.key === 'stream_options');
  if (!member) return '{"include_usage":true}';
  const text = json.slice(member.valueStart, member.valueEnd);
  const own = JSON.parse(text) as { include_usage?: unknown } | null;
  return own?.include_usage === true ? text : JSON.stringify({ ...own, include_usage: true });
}
