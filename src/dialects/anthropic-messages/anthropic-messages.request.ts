import type { JsonBody, ModelRequest } from '../../core/call.js';
import { type Edit, refuseDuplicates, removals, splice, topLevelMembers } from '../../core/json-members.js';
import { isOurField, isStrict, type ParseTerms, type RelayChanges } from '../dialect.js';
import { toInvalidRequest } from '../wire-issue.js';
import { type MessagesBody, messagesSchema } from './anthropic-messages.schema.js';
import { isOurThinking, OUR_SIGNATURE } from './thinking-proof.js';
import { refuseOrphanResults } from './tool-pairing.js';

/** Headers that say how a body is to be read, and so go with it. */
const HEADERS = ['anthropic-version', 'anthropic-beta'] as const;

/**
 * Checks a Messages body and reads from it what the gateway must know.
 * Throws `invalid_request` naming the field.
 */
export function parseMessages({ raw, text, parsed }: JsonBody, { alwaysStream = false, headers }: ParseTerms = {}): ModelRequest {
  const body = checkedBody(parsed);
  refuseOrphanResults(body);
  const members = topLevelMembers(text);
  refuseDuplicates(members);
  return {
    dialect: 'anthropic-messages',
    raw,
    text,
    parsed,
    members,
    modelAsked: body.model,
    providerAsked: typeof body.provider === 'string' ? body.provider : undefined,
    hasProviderPreferences: typeof body.provider === 'object' && body.provider !== null,
    stream: alwaysStream || body.stream === true,
    wantsUsage: true,
    choices: 1,
    userId: body.metadata?.user_id ?? undefined,
    headers: headersOf(headers),
    strict: isStrict(headers),
  };
}

function checkedBody(parsed: unknown): MessagesBody {
  const checked = messagesSchema.safeParse(parsed);
  if (!checked.success) throw toInvalidRequest(checked.error);
  return checked.data;
}

function headersOf(headers: ParseTerms['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = headers?.[name];
    if (value !== undefined) kept[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return kept;
}

/**
 * The body for a provider that speaks the same: the client's own bytes where nothing changes, else those bytes with the
 * changed members spliced.
 */
export function toRelayBody({ raw, text, members, parsed, stream }: ModelRequest, changes: RelayChanges): Buffer {
  const edits: Edit[] = [];
  const set = (key: string, value: string): void => {
    const member = members.find((one) => one.key === key);
    if (!member) edits.push({ start: text.indexOf('{') + 1, end: text.indexOf('{') + 1, text: `${JSON.stringify(key)}:${value},` });
    else if (text.slice(member.valueStart, member.valueEnd) !== value) {
      edits.push({ start: member.valueStart, end: member.valueEnd, text: value });
    }
  };
  set('model', JSON.stringify(changes.model));
  if (changes.maxOutputTokens !== undefined) set('max_tokens', String(changes.maxOutputTokens));
  if (stream) set('stream', 'true');
  const messages = text.includes(`"${OUR_SIGNATURE}`) ? withoutOurThinking(parsed as MessagesBody) : undefined;
  if (messages) set('messages', JSON.stringify(messages));
  edits.push(...removals(members, (key) => isOurField(key, changes)));
  if (edits.length === 0) return raw;
  edits.sort((a, b) => a.start - b.start);
  return Buffer.from(splice(text, edits));
}

/**
 * Thoughts of other providers, which earlier answers of the gateway showed as Anthropic's own, are taken out, and messages
 * that were nothing else with them. `undefined` if there are none.
 */
function withoutOurThinking({ messages }: MessagesBody): unknown[] | undefined {
  const kept: unknown[] = [];
  let hasOurs = false;
  for (const message of messages) {
    const content: readonly unknown[] = typeof message.content === 'string' ? [] : message.content;
    const own = content.filter((block) => !isOurThinking(block));
    if (own.length === content.length) kept.push(message);
    else if (own.length > 0) kept.push({ ...message, content: own });
    hasOurs ||= own.length < content.length;
  }
  return hasOurs ? kept : undefined;
}
