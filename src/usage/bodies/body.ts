import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import type { RecordedBytes, RecordedCall } from './recording.js';
import { redactJson, redactStream } from './redacted-answer.js';
import { redact } from './redaction.js';

/** A request or an answer as it is kept. */
export interface Body {
  /** Null where only the length was kept: it was to be redacted and could not be read. */
  readonly text: string | null;
  /** Of all of it, as it went over the wire. */
  readonly bytes: number;
  /** `text` is only its beginning. */
  readonly cut: boolean;
  readonly redacted: boolean;
}

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
/** A body of 250 kB takes half a millisecond at it. */
const QUALITY = 4;
/** As escaped JSON a text can become six times as long. */
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/** The request of a call. Never throws. */
export function toRequestBody({ request }: RecordedCall, maxBytes: number): Body {
  if ('kept' in request) return toBody(request);
  return redacted(request.bytes, () => cutTo(JSON.stringify(redact(request.parsed)), maxBytes));
}

/** What its client got; undefined where that was nothing. Never throws. */
export function toAnswerBody({ answer, isStream, request }: RecordedCall, maxBytes: number): Body | undefined {
  if (!answer) return undefined;
  const body = toBody(answer);
  if ('kept' in request) return body;
  // A stream that failed before it began was answered with JSON.
  const isEvents = isStream && !body.text!.startsWith('{');
  return redacted(answer.bytes, () => {
    const whole = isEvents ? redactStream(body.text!) : redactJson(body.text!);
    const { text, cut } = cutTo(whole, maxBytes);
    return { text, cut: cut || body.cut };
  });
}

/** Compressed, off the event loop. */
export function packBody(body: Body): Promise<Buffer> {
  const json = Buffer.from(JSON.stringify(body));
  return compress(json, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: json.length } });
}

/** Rejects with what is none of ours. */
export async function unpackBody(packed: Buffer): Promise<Body> {
  const json = await decompress(packed, { maxOutputLength: MOST_UNPACKED_BYTES });
  return JSON.parse(json.toString('utf8')) as Body;
}

function toBody({ kept, bytes }: RecordedBytes): Body {
  const cut = kept.length < bytes;
  return { text: cut ? beginningOf(kept) : kept.toString('utf8'), bytes, cut, redacted: false };
}

function redacted(bytes: number, make: () => Pick<Body, 'text' | 'cut'>): Body {
  try {
    return { ...make(), bytes, redacted: true };
  } catch {
    return { text: null, bytes, cut: false, redacted: true };
  }
}

function cutTo(text: string, maxBytes: number): Pick<Body, 'text' | 'cut'> {
  if (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes) return { text, cut: false };
  return { text: beginningOf(Buffer.from(text).subarray(0, maxBytes)), cut: true };
}

/** Without the part of a character that stands at the end. */
function beginningOf(bytes: Buffer): string {
  return new StringDecoder('utf8').write(bytes);
}
