import type { ClientDialectName } from '../core/call.js';
import type { ProviderId, ProviderIdKind } from '../core/provider-state.js';
import { isReference, type JsonObject, toObject } from './provider-items.js';

const NO_IDS: readonly ProviderId[] = [];

/** May an answer to this request, relayed in its own dialect, name things that the provider keeps? If not, it need not be looked at. */
export function expectsIds(dialect: ClientDialectName, request: unknown): boolean {
  const body = toObject(request) ?? {};
  if (dialect === 'openai-responses') return true;
  if (dialect === 'openai-chat') return listOf(body['modalities']).includes('audio');
  if (dialect !== 'anthropic-messages') return false;
  return keepsMessage(body) || body['container'] != null || listOf(body['tools']).some(runsCode);
}

/**
 * The ids that a relayed answer gives its tenant: what it names can be asked for in later requests. `answer` is a plain answer,
 * parsed, or an event of a stream; of Responses the last event tells all, of Messages `message_start`, `content_block_start` and
 * `message_delta`, of Chat Completions any chunk with `audio`. `request` is the client's body.
 */
export function idsInAnswer(dialect: ClientDialectName, answer: unknown, request: unknown): readonly ProviderId[] {
  const said = toObject(answer);
  if (!said) return NO_IDS;
  const ids = new IdList();
  if (dialect === 'openai-responses') addResponse(said['object'] === 'response' ? said : toObject(said['response']), ids);
  if (dialect === 'anthropic-messages') addMessage(said, toObject(request) ?? {}, ids);
  if (dialect === 'openai-chat') addAudio(said, ids);
  return ids.all;
}

class IdList {
  private ids: ProviderId[] | undefined;

  get all(): readonly ProviderId[] {
    return this.ids ?? NO_IDS;
  }

  add(kind: ProviderIdKind, id: unknown): void {
    if (typeof id === 'string') (this.ids ??= []).push({ kind, id });
  }
}

function addResponse(response: JsonObject | undefined, ids: IdList): void {
  if (!response) return;
  const isStored = response['store'] !== false;
  const { conversation } = response;
  if (isStored) ids.add('response', response['id']);
  ids.add('conversation', toObject(conversation)?.['id'] ?? conversation);
  for (const item of objectsOf(response['output'])) {
    // One that was not stored is still sent back by its id if it came without what it holds.
    if (isStored || isReference(item)) ids.add('item', item['id']);
    ids.add('container', item['container_id']);
    ids.add('container', toObject(item['environment'])?.['container_id']);
    for (const part of objectsOf(item['content'])) addMadeFiles(part, ids);
  }
}

/** Files that were made in a container. Other files that are cited are older than the answer, and others may know them too. */
function addMadeFiles(part: JsonObject, ids: IdList): void {
  for (const annotation of objectsOf(part['annotations'])) {
    if (annotation['type'] !== 'container_file_citation') continue;
    ids.add('container', annotation['container_id']);
    ids.add('file', annotation['file_id']);
  }
}

function addMessage(said: JsonObject, request: JsonObject, ids: IdList): void {
  const message = said['type'] === 'message_start' ? toObject(said['message']) : said;
  if (message?.['type'] === 'message' && keepsMessage(request)) ids.add('message', message['id']);
  ids.add('container', toObject(message?.['container'])?.['id']);
  ids.add('container', toObject(toObject(said['delta'])?.['container'])?.['id']);
  const begun = toObject(said['content_block']);
  for (const block of begun ? [begun] : objectsOf(message?.['content'])) {
    for (const output of objectsOf(toObject(block['content'])?.['content'])) ids.add('file', output['file_id']);
  }
}

function addAudio(said: JsonObject, ids: IdList): void {
  for (const choice of objectsOf(said['choices'])) {
    ids.add('audio', toObject(toObject(choice['message'] ?? choice['delta'])?.['audio'])?.['id']);
  }
}

/** Anthropic keeps a message that begins or continues a thread, and the print of one that is to be compared with the next. */
function keepsMessage(request: JsonObject): boolean {
  return request['thread'] != null || request['diagnostics'] != null;
}

function runsCode(tool: unknown): boolean {
  return String(toObject(tool)?.['type']).startsWith('code_execution');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value)
    .map(toObject)
    .filter((one) => one !== undefined);
}
