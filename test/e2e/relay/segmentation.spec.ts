import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { streams } from '../../support/upstream/behaviours.js';
import { streamFrames, TRICKY_TEXT, toolCallFrames, type StreamShape } from '../../support/upstream/openai-frames.js';
import { byteByByte, cutAt } from '../../support/upstream/segments.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

interface Golden {
  readonly sent: Buffer;
  readonly seen: Readonly<Record<'asked' | 'unasked', string>>;
}

function golden(build: (shape: StreamShape) => string[], shape: StreamShape): Golden {
  const comment = `: PROCESSING${shape.eol}${shape.eol}`;
  const sent = [comment, ...build(shape)].join('');
  return { sent: Buffer.from(sent), seen: { asked: sent, unasked: [comment, ...build({ ...shape, usage: 'none' })].join('') } };
}

const GOLDENS = (['\n', '\r\n'] as const).flatMap((eol) => [
  golden(streamFrames, { text: TRICKY_TEXT, eol }),
  golden(toolCallFrames, { eol }),
]);

describe('the bytes a client gets', () => {
  const stage = Stage.set();

  async function relayed(segments: readonly Buffer[], asked: boolean): Promise<string> {
    stage.upstream.next(streams(segments));
    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true, stream_options: { include_usage: asked } });
    return answer.body.toString();
  }

  it('are the same wherever the network cuts the stream', async () => {
    const cases = fc.record({
      golden: fc.constantFrom(...GOLDENS),
      asked: fc.boolean(),
      cuts: fc.array(fc.nat({ max: Math.max(...GOLDENS.map(({ sent }) => sent.length)) }), { maxLength: 40 }),
    });

    await fc.assert(
      fc.asyncProperty(cases, async ({ golden: { sent, seen }, asked, cuts }) => {
        expect(await relayed(cutAt(sent, cuts), asked)).toBe(asked ? seen.asked : seen.unasked);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it.each([0, 1, 2, 3])('are the same byte by byte (stream %#)', async (index) => {
    const { sent, seen } = GOLDENS[index]!;

    expect(await relayed(byteByByte(sent), false)).toBe(seen.unasked);
  });

  it('are the same cut around each line end, quote and multi-byte character', async () => {
    for (const { sent, seen } of GOLDENS) {
      const edges = Array.from(sent, (byte, offset) =>
        byte >= 0x80 || byte === 0x0d || byte === 0x0a || byte === 0x22 ? [offset, offset + 1] : [],
      );

      expect(await relayed(cutAt(sent, edges.flat()), true)).toBe(seen.asked);
    }
  });
});
