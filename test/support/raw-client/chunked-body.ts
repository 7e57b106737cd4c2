const CRLF = '\r\n';

/** Undoes the chunked transfer coding, however it is cut. */
export class ChunkedBody {
  /** The last chunk has come. */
  done = false;
  private rest: Buffer = Buffer.alloc(0);

  /** The bytes of the body that `bytes` complete. */
  read(bytes: Buffer): Buffer {
    this.rest = Buffer.concat([this.rest, bytes]);
    const out: Buffer[] = [];
    for (let piece = this.next(); piece; piece = this.next()) out.push(piece);
    return Buffer.concat(out);
  }

  private next(): Buffer | undefined {
    const lineEnd = this.rest.indexOf(CRLF);
    if (lineEnd < 0 || this.done) return undefined;
    const size = Number.parseInt(this.rest.toString('latin1', 0, lineEnd), 16);
    const start = lineEnd + CRLF.length;
    if (this.rest.length < start + size + CRLF.length) return undefined;
    const piece = this.rest.subarray(start, start + size);
    this.rest = this.rest.subarray(start + size + CRLF.length);
    this.done = size === 0;
    return this.done ? undefined : piece;
  }
}
