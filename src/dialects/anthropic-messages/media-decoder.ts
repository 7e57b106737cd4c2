import type { DocumentPart, ImagePart, Source } from '../../core/conversation.js';
import type { FeatureUse } from '../../core/features.js';
import type { WireDocument, WireDocumentSource, WireImage, WireSource } from './wire-types.js';

const FIELDS = {
  image: new Set(['type', 'source', 'cache_control']),
  document: new Set(['type', 'source', 'title', 'context', 'citations', 'cache_control']),
  source: new Set(['type', 'media_type', 'data', 'url', 'file_id', 'content']),
};

/** An image or a document, without its cache mark; `undefined` for a document whose content is not text alone. */
export function decodeMedia(block: WireImage | WireDocument, path: string, uses: FeatureUse): ImagePart | DocumentPart | undefined {
  noteUnknownFields(block, FIELDS[block.type], path, uses);
  noteUnknownFields(block.source, FIELDS.source, `${path}.source`, uses);
  if (block.type === 'document') return decodeDocument(block, path, uses);
  const source = decodeSource(block.source);
  uses.note(`image.${source.kind}`, path);
  return { kind: 'image', source };
}

function decodeDocument({ source, title, context, citations }: WireDocument, path: string, uses: FeatureUse): DocumentPart | undefined {
  const decoded = decodeDocumentSource(source);
  if (!decoded) {
    uses.note('content.unknown', `${path}.source`);
    return undefined;
  }
  uses.note(`document.${decoded.kind}`, path);
  if (title != null) uses.note('document.options', `${path}.title`);
  if (context != null) uses.note('document.options', `${path}.context`);
  if (citations?.enabled === true) uses.note('document.options', `${path}.citations`);
  return {
    kind: 'document',
    source: decoded,
    ...(title == null ? {} : { title }),
    ...(context == null ? {} : { context }),
    ...(citations?.enabled === true ? { citations: true } : {}),
  };
}

function decodeDocumentSource(source: WireDocumentSource): DocumentPart['source'] | undefined {
  if (source.type === 'text') return { kind: 'text', text: source.data };
  if (source.type !== 'content') return decodeSource(source);
  if (typeof source.content === 'string') return { kind: 'text', text: source.content };
  const texts = source.content.map(({ type, text }) => (type === 'text' && typeof text === 'string' ? text : undefined));
  return texts.includes(undefined) ? undefined : { kind: 'text', text: texts.join('\n') };
}

function decodeSource(source: WireSource): Source {
  switch (source.type) {
    case 'base64':
      return { kind: 'base64', mediaType: source.media_type, data: source.data };
    case 'url':
      return { kind: 'url', url: source.url };
    case 'file':
      return { kind: 'file', id: source.file_id };
  }
}

/** Notes the members of an object that the gateway does not know. */
export function noteUnknownFields(object: object, known: ReadonlySet<string>, path: string, uses: FeatureUse): void {
  for (const key in object) {
    if (!known.has(key) && (object as Record<string, unknown>)[key] != null) uses.note('unknown', `${path}.${key}`);
  }
}
