import type { DocumentPart, Source, UserPart } from '../../core/conversation.js';

/** Some servers take a message's content only as a string. */
export function joinedTexts(parts: readonly UserPart[]): string {
  let text = '';
  for (const part of parts) if (part.kind === 'text') text += text === '' ? part.text : `\n${part.text}`;
  return text;
}

/** A part of a user's message. Cache marks, contexts and citations have no place here. */
export function encodeUserPart(part: UserPart): object {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: addressOf(part.source), detail: part.detail } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'document':
      return encodeDocument(part);
    default:
      return part satisfies never;
  }
}

function encodeDocument({ source, title }: DocumentPart): object {
  switch (source.kind) {
    case 'text':
      return { type: 'text', text: source.text };
    case 'file':
      return { type: 'file', file: { file_id: source.id, filename: title } };
    default:
      return { type: 'file', file: { file_data: addressOf(source), filename: title ?? 'document.pdf' } };
  }
}

/** A `data:` address for what stands in the body; an id goes as it is. */
function addressOf(source: Source): string {
  switch (source.kind) {
    case 'base64':
      return `data:${source.mediaType};base64,${source.data}`;
    case 'url':
      return source.url;
    case 'file':
      return source.id;
    default:
      return source satisfies never;
  }
}
