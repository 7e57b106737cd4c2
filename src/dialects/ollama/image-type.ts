/** How the first bytes of an image look in base64. */
const SIGNATURES: readonly (readonly [beginning: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** The media type of an image in base64 by its first bytes: Ollama's messages do not say it. */
export function toMediaType(base64: string): string {
  return SIGNATURES.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? 'application/octet-stream';
}
