import type { AssistantPart, CacheMark, DocumentPart, ImagePart, Source, TextPart, UserPart } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import { compact, isObject, listOf, noteUnknown, objectsOf, stringOf, type WireObject } from './wire-values.js';

/** Reads the content of a user's message or of a tool's result: a string is one text. */
export function decodeUserContent(content: unknown, path: string, uses: FeatureUse): UserPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return objectsOf(content).flatMap((part, i) => decodeUserPart(part, `${path}[${i}]`, uses) ?? []);
}

/** Reads what a system or developer message says; it has text alone. */
export function decodeSystemContent(content: unknown, path: string, uses: FeatureUse): TextPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return objectsOf(content).flatMap((part, i) => {
    if (isText(part)) return [textPart(part, `${path}[${i}]`, uses)];
    uses.note('content.unknown', `${path}[${i}]`);
    return [];
  });
}

/** Reads what a model has said before: texts and refusals. */
export function decodeAssistantContent(content: unknown, path: string, uses: FeatureUse): AssistantPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  return objectsOf(content).flatMap((part, i): AssistantPart[] => {
    const field = `${path}[${i}]`;
    if (isText(part)) {
      if (listOf(part['annotations']).length > 0) uses.note('text.citations', `${field}.annotations`);
      return [textPart(part, field, uses)];
    }
    uses.note(part['type'] === 'refusal' ? 'refusal.history' : 'content.unknown', field);
    noteUnknownOf(part, field, uses);
    return part['type'] === 'refusal' ? [{ kind: 'refusal', text: stringOf(part['refusal']) ?? '' }] : [];
  });
}

/** What is read of each part; log probabilities of the history say nothing to a model. */
const KEYS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['input_text', new Set(['type', 'text', 'prompt_cache_breakpoint'])],
  ['output_text', new Set(['type', 'text', 'prompt_cache_breakpoint', 'annotations', 'logprobs'])],
  ['refusal', new Set(['type', 'refusal'])],
  ['input_image', new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'])],
  ['input_file', new Set(['type', 'file_data', 'file_url', 'file_id', 'filename', 'detail', 'prompt_cache_breakpoint'])],
  ['input_audio', new Set(['type', 'input_audio'])],
]);

function noteUnknownOf(part: WireObject, path: string, uses: FeatureUse): void {
  const known = KEYS.get(part['type']);
  if (known) noteUnknown(part, known, path, uses);
}

function isText(part: WireObject): boolean {
  return part['type'] === 'input_text' || part['type'] === 'output_text';
}

function textPart(part: WireObject, path: string, uses: FeatureUse): TextPart {
  noteUnknownOf(part, path, uses);
  return compact<TextPart>({ kind: 'text', text: stringOf(part['text']) ?? '', cache: cacheMark(part, path, uses) });
}

function decodeUserPart(part: WireObject, path: string, uses: FeatureUse): UserPart | undefined {
  if (isText(part)) return textPart(part, path, uses);
  const decoded =
    part['type'] === 'input_image'
      ? imagePart(part, path, uses)
      : part['type'] === 'input_file'
        ? documentPart(part, path, uses)
        : part['type'] === 'input_audio'
          ? audioPart(part, path, uses)
          : undefined;
  if (decoded) noteUnknownOf(part, path, uses);
  else uses.note('content.unknown', path);
  return decoded;
}

function imagePart(part: WireObject, path: string, uses: FeatureUse): ImagePart | undefined {
  const source = sourceOf(part['image_url'], part['file_id']);
  if (!source) return undefined;
  uses.note(`image.${source.kind}`, path);
  const detail = part['detail'] === 'auto' ? undefined : stringOf(part['detail']);
  if (detail !== undefined) uses.note('image.detail', `${path}.detail`);
  return compact<ImagePart>({ kind: 'image', source, detail, cache: cacheMark(part, path, uses) });
}

function documentPart(part: WireObject, path: string, uses: FeatureUse): DocumentPart | undefined {
  const data = stringOf(part['file_data']);
  // The service takes base64 as a data URI; some send it bare.
  const inBody = data === undefined ? undefined : (dataUri(data) ?? { kind: 'base64' as const, mediaType: 'application/pdf', data });
  const source = inBody ?? sourceOf(part['file_url'], part['file_id']);
  if (!source) return undefined;
  uses.note(`document.${source.kind}`, path);
  if (part['detail'] != null && part['detail'] !== 'auto') uses.note('document.options', `${path}.detail`);
  return compact<DocumentPart>({ kind: 'document', source, title: stringOf(part['filename']), cache: cacheMark(part, path, uses) });
}

function audioPart(part: WireObject, path: string, uses: FeatureUse): UserPart {
  uses.note('audio.input', path);
  const { data, format } = isObject(part['input_audio']) ? part['input_audio'] : {};
  return { kind: 'audio', format: stringOf(format) ?? '', data: stringOf(data) ?? '' };
}

function cacheMark(part: WireObject, path: string, uses: FeatureUse): CacheMark | undefined {
  if (part['prompt_cache_breakpoint'] == null) return undefined;
  uses.note('cache_control', `${path}.prompt_cache_breakpoint`);
  return {};
}

function sourceOf(address: unknown, file: unknown): Source | undefined {
  const url = stringOf(address);
  if (url !== undefined) return dataUri(url) ?? { kind: 'url', url };
  const id = stringOf(file);
  return id === undefined ? undefined : { kind: 'file', id };
}

/** A `data:` address as the bytes that it holds; the encoding of the bytes stays base64. */
function dataUri(text: string): Source | undefined {
  const comma = text.indexOf(',');
  const head = comma > 0 && comma < 256 ? /^data:([^;,]+)(?:;[^;,]+)*;base64$/i.exec(text.slice(0, comma)) : undefined;
  return head ? { kind: 'base64', mediaType: head[1]!, data: text.slice(comma + 1) } : undefined;
}
