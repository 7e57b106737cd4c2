const [CR, LF] = [0x0d, 0x0a];
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** A piece of a body in HTTP's chunked coding (RFC 9112, 7.1). An empty one would be the last: there must be something in it. */
export function toChunk(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16);
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + 4);
  let at = 0;
  for (; at < size.length; at++) chunk[at] = size.charCodeAt(at);
  chunk[at++] = CR;
  chunk[at++] = LF;
  at += bytes.copy(chunk, at);
  chunk[at++] = CR;
  chunk[at] = LF;
  return chunk;
}

/** The last piece of a body, which may be empty, and the mark that nothing follows. */
export function toLastChunks(bytes: Buffer): Buffer {
  return bytes.length > 0 ? Buffer.concat([toChunk(bytes), LAST_CHUNK]) : LAST_CHUNK;
}
