import { NO_BYTES } from '../../core/answer.js';
import { FrameSplitter, frameEnd, payloadText } from '../sse/frame-splitter.js';

/** Cuts the bytes of a stream into frames and hands their payloads on, one by one. */
export class MessageFrames {
  private readonly splitter = new FrameSplitter();

  /**
   * Shows `take` the payload of every frame that is whole now, `undefined` for comments and empty frames. Gives back the
   * bytes of the frames that it took; after the first that it did not take, nothing more is read.
   */
  read(chunk: Buffer, take: (payload: string | undefined) => boolean): Buffer {
    const bytes = this.splitter.take(chunk);
    if (!bytes) return NO_BYTES;
    let at = 0;
    for (let end = frameEnd(bytes, 0); end >= 0; end = frameEnd(bytes, at)) {
      if (!take(payloadOf(bytes, at, end))) return bytes.subarray(0, at);
      at = end;
    }
    this.splitter.hold(bytes.subarray(at));
    return bytes.subarray(0, at);
  }

  /** What was left without its blank line when the body ended. */
  rest(): Buffer {
    return this.splitter.rest();
  }
}

function payloadOf(bytes: Buffer, from: number, end: number): string | undefined {
  const text = payloadText(bytes, from, end);
  return text === undefined || text.trim() === '' ? undefined : text;
}
