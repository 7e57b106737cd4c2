const BASE64 = ';base64';
/** No media type with its parameters is longer; an address without a comma is not searched to its end. */
const MAX_HEAD = 1024;

export interface DataUri {
  /** Without parameters: `image/png`. */
  readonly mediaType: string;
  /** Bare base64. */
  readonly data: string;
}

/** What a `data:` address holds (RFC 2397), percent-encoded or base64; `undefined` for every other text. */
export function parseDataUri(uri: string): DataUri | undefined {
  if (!uri.startsWith('data:')) return undefined;
  const comma = uri.slice(0, MAX_HEAD).indexOf(',');
  if (comma < 0) return undefined;
  const head = uri.slice('data:'.length, comma);
  const mediaType = head.split(';', 1)[0]!.trim() || 'text/plain';
  const data = uri.slice(comma + 1);
  return head.endsWith(BASE64) ? { mediaType, data } : { mediaType, data: encoded(data) };
}

function encoded(percentEncoded: string): string {
  try {
    return Buffer.from(decodeURIComponent(percentEncoded)).toString('base64');
  } catch {
    // A stray percent sign means itself.
    return Buffer.from(percentEncoded).toString('base64');
  }
}
