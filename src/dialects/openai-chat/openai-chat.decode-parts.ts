import type { AudioPart, CacheMark, DocumentPart, ImagePart, RefusalPart, Source, TextPart, UserPart } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { parseDataUri } from './data-uri.js';
import { isObject, listOf, noteUnknown, objectOf, textOf, type WireObject } from './wire-value.js';

/**
 * The parts of a user's content, a string or a list. `path` is the content's own (`messages[3].content`). Empty texts say
 * nothing and are left out.
 */
export function decodeUserParts(content: unknown, path: string, uses: FeatureUse): UserPart[] {
  return decodeParts(content, path, uses, (part, at) => textPart(part, at, uses) ?? mediaPart(part, at, uses));
}

/** The same for roles that can say texts only. */
export function decodeTextParts(content: unknown, path: string, uses: FeatureUse): TextPart[] {
  return decodeParts(content, path, uses, (part, at) => textPart(part, at, uses));
}

/** The same for an assistant, who can refuse as well. */
export function decodeAssistantTexts(content: unknown, path: string, uses: FeatureUse): (TextPart | RefusalPart)[] {
  return decodeParts(content, path, uses, (part, at) => textPart(part, at, uses) ?? refusalPart(part, at, uses));
}

/** The cache mark of a part, a message or a tool, as Anthropic, OpenRouter and LiteLLM write it, or as OpenAI does. */
export function cacheMark(wire: WireObject, path: string, uses: FeatureUse): { cache?: CacheMark } {
  const key = isObject(wire['cache_control']) ? 'cache_control' : 'prompt_cache_breakpoint';
  const mark = wire[key];
  if (!isObject(mark)) return NO_MARK;
  uses.note('cache_control', `${path}.${key}`);
  const ttl = mark['ttl'];
  return { cache: ttl === '5m' || ttl === '1h' ? { ttl } : {} };
}

type Decode<Part> = (part: WireObject, path: string) => Part | undefined;

function decodeParts<Part>(content: unknown, path: string, uses: FeatureUse, decode: Decode<Part>): (Part | TextPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  const parts: (Part | TextPart)[] = [];
  for (const [index, wire] of listOf(content).entries()) {
    const at = `${path}[${index}]`;
    const known = isObject(wire) ? wire : {};
    if (isEmptyText(known)) continue;
    const part = decode(known, at);
    if (part === undefined) uses.note('content.unknown', at);
    else {
      parts.push(part);
      noteUnknown(known, PART_KEYS, at, uses);
      for (const [key, keys] of INNER_KEYS) noteUnknown(objectOf(known[key]), keys, `${at}.${key}`, uses);
    }
  }
  return parts;
}

function isEmptyText(part: WireObject): boolean {
  return part['type'] === 'text' && part['text'] === '';
}

function textPart(part: WireObject, path: string, uses: FeatureUse): TextPart | undefined {
  const text = part['text'];
  if (part['type'] !== 'text' || typeof text !== 'string') return undefined;
  return { kind: 'text', text, ...cacheMark(part, path, uses) };
}

function refusalPart(part: WireObject, path: string, uses: FeatureUse): RefusalPart | undefined {
  const text = textOf(part['refusal']);
  if (part['type'] !== 'refusal' || text === undefined) return undefined;
  uses.note('refusal.history', path);
  return { kind: 'refusal', text };
}

function mediaPart(part: WireObject, path: string, uses: FeatureUse): UserPart | undefined {
  switch (part['type']) {
    case 'image_url':
      return imagePart(part, path, uses);
    case 'input_audio':
      return audioPart(part, path, uses);
    case 'file':
      return filePart(part, path, uses);
    default:
      return undefined;
  }
}

function imagePart(part: WireObject, path: string, uses: FeatureUse): ImagePart | undefined {
  // Some clients write the address where the object belongs.
  const image = typeof part['image_url'] === 'string' ? { url: part['image_url'] } : objectOf(part['image_url']);
  const url = textOf(image['url']);
  if (url === undefined) return undefined;
  const source = sourceOf(url);
  if (source === undefined) return undefined;
  uses.note(source.kind === 'url' ? 'image.url' : 'image.base64', path);
  const detail = textOf(image['detail']);
  if (detail === undefined || detail === 'auto') return { kind: 'image', source, ...cacheMark(part, path, uses) };
  uses.note('image.detail', `${path}.image_url.detail`);
  return { kind: 'image', source, detail, ...cacheMark(part, path, uses) };
}

function audioPart(part: WireObject, path: string, uses: FeatureUse): AudioPart | undefined {
  const audio = objectOf(part['input_audio']);
  const data = textOf(audio['data']);
  const format = textOf(audio['format']);
  if (data === undefined || format === undefined) return undefined;
  uses.note('audio.input', path);
  return { kind: 'audio', format, data };
}

function filePart(part: WireObject, path: string, uses: FeatureUse): DocumentPart | undefined {
  const file = objectOf(part['file']);
  const source = fileSource(file);
  if (source === undefined) return undefined;
  uses.note(`document.${source.kind}`, path);
  const title = textOf(file['filename']);
  return { kind: 'document', source, ...(title === undefined ? {} : { title }), ...cacheMark(part, path, uses) };
}

function fileSource(file: WireObject): DocumentPart['source'] | undefined {
  const id = textOf(file['file_id']);
  if (id !== undefined) return { kind: 'file', id };
  const data = textOf(file['file_data']);
  if (data === undefined) return undefined;
  // OpenAI documents bare base64 as well, of a PDF.
  const source = isAddress(data) ? sourceOf(data) : { kind: 'base64' as const, mediaType: 'application/pdf', data };
  if (source?.kind !== 'base64' || !source.mediaType.startsWith('text/')) return source;
  return { kind: 'text', text: Buffer.from(source.data, 'base64').toString('utf8') };
}

function isAddress(text: string): boolean {
  return text.startsWith('data:') || text.startsWith('https:') || text.startsWith('http:');
}

function sourceOf(url: string): Exclude<Source, { kind: 'file' }> | undefined {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const parsed = parseDataUri(url);
  return parsed && { kind: 'base64', ...parsed };
}

const NO_MARK = {};
/** The members of a part that are objects, and what is read of them. */
const INNER_KEYS: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['image_url', new Set(['url', 'detail'])],
  ['input_audio', new Set(['data', 'format'])],
  ['file', new Set(['file_data', 'file_id', 'filename'])],
];
const PART_KEYS = new Set(['type', 'text', 'refusal', 'image_url', 'input_audio', 'file', 'cache_control', 'prompt_cache_breakpoint']);
