import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import type { JsonBody } from '../../core/call.js';
import { GatewayError } from '../../core/errors.js';

/** Takes JSON bodies and nothing else, parsed once, and keeps their bytes: a relayed call forwards those. */
export function acceptJson(server: FastifyInstance, maxBodyBytes: number): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      request.json = parse(body);
      done(null, request.json.parsed);
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(raw: Buffer): JsonBody {
  if (!isUtf8(raw)) throw new GatewayError('invalid_request', 'The body is not valid UTF-8. Send JSON in UTF-8.');
  try {
    const text = raw.toString('utf8');
    return { raw, text, parsed: JSON.parse(text) as unknown };
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deeply' : positionOf(error);
    throw new GatewayError('invalid_request', `The body is not valid JSON: ${why}. Send a JSON object.`);
  }
}

/** V8 quotes the text around the fault, which may be a prompt: only the position is told. */
function positionOf(error: unknown): string {
  const position = /position (\d+)/.exec(String(error))?.[1];
  return position === undefined ? 'it ends too early' : `see position ${position}`;
}
