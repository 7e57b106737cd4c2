import type { ClientDialectName } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import type { NamedProviderId, ProviderIdKind } from '../core/provider-state.js';
import { isReference, type JsonObject, toObject } from './provider-items.js';

/** The members whose text, or list of texts, names something at a provider, wherever in a request they stand. */
const ID_MEMBERS: ReadonlyMap<string, ProviderIdKind> = new Map([
  ['previous_response_id', 'response'],
  ['previous_message_id', 'message'],
  ['file_id', 'file'],
  ['file_ids', 'file'],
  ['container', 'container'],
  ['container_id', 'container'],
  ['vector_store_id', 'vector_store'],
  ['vector_store_ids', 'vector_store'],
  ['skill_id', 'skill'],
  ['tunnel_id', 'tunnel'],
]);
/** The members that hold an object which is named by its `id`. */
const OBJECT_MEMBERS: ReadonlyMap<string, ProviderIdKind> = new Map([
  ['container', 'container'],
  ['audio', 'audio'],
]);

/** What callers and models name as they like, and the sources that an answer of the history has told: nothing in it is looked up. */
const OPAQUE: ReadonlySet<string> = new Set([
  'metadata',
  'client_metadata',
  'parameters',
  'input_schema',
  'input_examples',
  'output_schema',
  'schema',
  'annotations',
  'citations',
]);
/** In Messages `input` is what a model wrote for a tool. */
const OPAQUE_IN_MESSAGES: ReadonlySet<string> = new Set([...OPAQUE, 'input']);
/** Objects of Anthropic's, by `type`, whose id is nobody's: a file that the history tells of and does not ask for, a skill for everybody. */
const OPEN_TO_ALL: ReadonlySet<unknown> = new Set(['code_execution_output', 'bash_code_execution_output', 'anthropic']);

/** Deeper than anything but a schema, which is not looked into. */
const MAX_DEPTH = 100;
/** More ids than the longest conversations have; each is a row to look for. */
const MAX_IDS = 5_000;
/** A field is told in errors and logs, and its path may hold names that its author made up. */
const MAX_FIELD_CHARS = 200;

const NO_IDS: readonly NamedProviderId[] = [];

/**
 * The ids by which a request asks for what its provider keeps, with the fields that name them. It goes by the names of members
 * and not by their places, so that a content part which is new tomorrow cannot carry one past; and by the parsed body, in which no
 * escape (`file\\u005fid`) can hide one. Texts are not read: a conversation of 400 KB takes some 10 µs.
 * Throws `invalid_request` for a body that is too deep or names too much to be looked through.
 */
export function idsInRequest(dialect: ClientDialectName, body: unknown): readonly NamedProviderId[] {
  const request = toObject(body);
  if (!request || dialect === 'embeddings') return NO_IDS;
  const finder = new IdFinder(dialect === 'anthropic-messages' ? OPAQUE_IN_MESSAGES : OPAQUE);
  finder.look(request);
  if (dialect === 'openai-responses') addResponsesIds(request, finder);
  return finder.found.length === 0 ? NO_IDS : finder.found;
}

class IdFinder {
  readonly found: NamedProviderId[] = [];
  private readonly path: (string | number)[] = [];

  constructor(private readonly opaque: ReadonlySet<string>) {}

  look(value: object): void {
    if (this.path.length > MAX_DEPTH) {
      throw new GatewayError('invalid_request', `The body is nested more than ${MAX_DEPTH} levels deep. Send a flatter one.`);
    }
    if (Array.isArray(value)) return this.lookAtEach(value);
    if (OPEN_TO_ALL.has((value as JsonObject)['type'])) return;
    for (const key of Object.keys(value)) this.lookAtMember(key, (value as JsonObject)[key]);
  }

  add(kind: ProviderIdKind, id: string, field: string): void {
    this.found.push({ kind, id, field });
    if (this.found.length > MAX_IDS) {
      throw new GatewayError('invalid_request', `The body names more than ${MAX_IDS} things at the provider. Send fewer.`, {
        param: field,
      });
    }
  }

  private lookAtEach(values: readonly unknown[]): void {
    for (let i = 0; i < values.length; i++) this.lookInto(i, values[i]);
  }

  private lookInto(step: string | number, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    this.path.push(step);
    this.look(value);
    this.path.pop();
  }

  private lookAtMember(key: string, value: unknown): void {
    if (typeof value === 'string') {
      const kind = ID_MEMBERS.get(key);
      if (kind) this.add(kind, value, this.field(key));
    } else if (typeof value === 'object' && value !== null && !this.opaque.has(key)) {
      const kind = Array.isArray(value) ? ID_MEMBERS.get(key) : OBJECT_MEMBERS.get(key);
      if (kind) this.addNamed(kind, key, value);
      if (key === 'variables') this.lookAtVariables(key, value);
      else this.lookInto(key, value);
    }
  }

  /** Their names are the prompt's author's; only what they hold can be a file. */
  private lookAtVariables(key: string, variables: object): void {
    this.path.push(key);
    for (const [name, value] of Object.entries(variables)) this.lookInto(name, value);
    this.path.pop();
  }

  private addNamed(kind: ProviderIdKind, key: string, value: object): void {
    if (Array.isArray(value)) {
      value.forEach((id: unknown, at) => typeof id === 'string' && this.add(kind, id, this.field(key, at)));
      return;
    }
    const { id } = value as { id?: unknown };
    if (typeof id === 'string') this.add(kind, id, this.field(key, 'id'));
  }

  private field(...rest: readonly (string | number)[]): string {
    const steps = [...this.path, ...rest].map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    const field = steps.join('').replace(/^\./, '');
    return field.length > MAX_FIELD_CHARS ? `${field.slice(0, MAX_FIELD_CHARS)}…` : field;
  }
}

/** What Responses name in ways of their own. */
function addResponsesIds({ conversation, prompt, input }: JsonObject, finder: IdFinder): void {
  if (typeof conversation === 'string') finder.add('conversation', conversation, 'conversation');
  const [conversationId, promptId] = [toObject(conversation)?.['id'], toObject(prompt)?.['id']];
  if (typeof conversationId === 'string') finder.add('conversation', conversationId, 'conversation.id');
  if (typeof promptId === 'string') finder.add('prompt', promptId, 'prompt.id');
  if (!Array.isArray(input)) return;
  for (let i = 0; i < input.length; i++) {
    const item = toObject(input[i]);
    if (item && isReference(item)) finder.add('item', item['id'] as string, `input[${i}].id`);
  }
}
