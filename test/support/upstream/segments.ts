/** Cuts bytes at the given offsets, wherever they fall: inside a character, a line, a line ending. */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const points = [...new Set(offsets)].filter((offset) => offset > 0 && offset < bytes.length).sort((a, b) => a - b);
  return [0, ...points].map((start, index) => bytes.subarray(start, points[index] ?? bytes.length));
}

/** Every byte on its own. */
export function byteByByte(bytes: Buffer): Buffer[] {
  return cutAt(
    bytes,
    Array.from(bytes, (_, offset) => offset),
  );
}
