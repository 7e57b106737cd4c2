import type { Concern, Media, PromptReading } from './price-bearing.js';
import { isObject, type JsonObject, objectOf } from './json.js';

/**
 * What an object is, by its `type`. `text`: whatever strings are in it are read. `tools`: it brings tools, which its dialect looks at.
 */
export type PartKind = 'text' | 'image' | 'audio' | 'document' | 'tools';

/** Members that mark their object for the prompt cache. */
const MARKS: ReadonlySet<string> = new Set(['cache_control', 'prompt_cache_breakpoint']);
/** Members that hold what only its provider can read; elsewhere than in media. */
const OPAQUE: ReadonlySet<string> = new Set(['signature', 'data', 'encrypted_content', 'encrypted_index', 'encrypted_stdout']);
/** Members that are read as the JSON they are, names and all. */
const VERBATIM: ReadonlySet<string> = new Set(['input', 'parameters', 'input_schema', 'output_schema', 'arguments', 'schema', 'action']);
/** Words of the form, which the count for each message stands for. */
const FORM: ReadonlySet<string> = new Set(['type', 'role']);
/** Lists whose objects say by their `type` what they are; elsewhere a type may be anything. */
const TYPED_LISTS: ReadonlySet<string> = new Set(['content', 'output', 'summary']);
/** Members of media that hold them, or say where they are. */
const SOURCES: ReadonlySet<string> = new Set(
  'image_url url source data file file_data file_url file_id input_audio result media_type format detail'.split(' '),
);

/**
 * Gathers what a model reads of a body: every string, wherever it stands, so that a part which is new tomorrow carries none past. It
 * looks at media by the `type` of their object and leaves their bytes alone. It goes once over the nodes of a body, not its letters.
 */
export class PromptReader {
  readonly texts: string[] = [];
  private readonly media: Media[] = [];
  /** Objects that bring tools. */
  readonly bringTools: JsonObject[] = [];
  /** Types of parts that are not in the table. */
  readonly unknownTypes = new Set<string>();
  private opaqueBytes = 0;
  private mediaChars = 0;
  private cache: '5m' | '1h' | undefined;

  constructor(private readonly kinds: ReadonlyMap<string, PartKind>) {}

  /** `isTyped`: its objects say by their `type` what they are. */
  read(value: unknown, isTyped = false): void {
    if (typeof value === 'string') this.texts.push(value);
    else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) this.read(value[i], isTyped);
    else if (isObject(value)) this.readObject(value, isTyped);
  }

  /** What is read as JSON, names and all. */
  readVerbatim(value: unknown): void {
    if (value === undefined || value === null) return;
    this.texts.push(typeof value === 'string' ? value : JSON.stringify(value));
  }

  /** Takes a mark for the prompt cache. */
  mark(value: unknown): void {
    if (!isObject(value)) return;
    this.cache = value['ttl'] === '1h' || this.cache === '1h' ? '1h' : '5m';
  }

  reading(): PromptReading {
    const { texts, opaqueBytes, media, mediaChars, cache } = this;
    return { texts, opaqueBytes, media, mediaChars, cache };
  }

  private readObject(part: JsonObject, isTyped: boolean): void {
    const type = part['type'];
    if (typeof type === 'string') {
      const kind = this.kinds.get(type);
      if (kind === undefined && isTyped) this.unknownTypes.add(type);
      if (kind === 'tools') this.bringTools.push(part);
      if (kind === 'image' || kind === 'audio' || kind === 'document') return this.readMedia(part, kind);
    }
    for (const key in part) this.readMember(key, part[key]);
  }

  private readMember(key: string, value: unknown): void {
    if (FORM.has(key)) return;
    if (MARKS.has(key)) this.mark(value);
    else if (typeof value === 'string' && OPAQUE.has(key)) this.opaqueBytes += value.length;
    else if (isObject(value) && VERBATIM.has(key)) this.readVerbatim(value);
    else this.read(value, TYPED_LISTS.has(key));
  }

  private readMedia(part: JsonObject, kind: Media['kind']): void {
    const source = objectOf(part['source']);
    // A document of Anthropic's that is text, or blocks like those of a message.
    if (kind === 'document' && source['type'] === 'text') this.read(source['data']);
    else if (kind === 'document' && source['type'] === 'content') this.read(source['content'], true);
    else this.addMedia(part, kind);
    for (const key in part) if (!SOURCES.has(key)) this.readMember(key, part[key]);
  }

  private addMedia(part: JsonObject, kind: Media['kind']): void {
    for (const key in part) if (SOURCES.has(key)) this.mediaChars += charsOf(part[key]);
    if (kind === 'document') {
      this.texts.push(...namesOf(part));
      this.media.push({ kind });
    } else if (kind === 'image') this.media.push({ kind, detail: detailOf(part) });
    else {
      const { data, format } = objectOf(part['input_audio']);
      this.media.push({ kind, data: typeof data === 'string' ? data : '', format: String(format) });
    }
  }
}

/** Parts of which nobody here knows what they hold. */
export function unknownParts({ unknownTypes }: PromptReader, field: string): Concern[] {
  return [...unknownTypes].map((part) => ({ field, part, reason: undefined, isCarried: false }));
}

/** Names of files are shown to models, and count as text. */
const SHOWN = 'filename';

function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, inner]) => (key === SHOWN ? sum : sum + charsOf(inner)), 0);
}

function namesOf(part: JsonObject): string[] {
  const name = objectOf(part['file'])[SHOWN];
  return typeof name === 'string' ? [name] : [];
}

function detailOf(part: JsonObject): string | undefined {
  const detail = part['detail'] ?? objectOf(part['image_url'])['detail'];
  return typeof detail === 'string' ? detail : undefined;
}
