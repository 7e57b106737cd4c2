import { describe, expect, it } from '@jest/globals';
import { RawClient } from '../../support/raw-client.js';
import { Pace } from '../../support/upstream.js';
import { after, refuses, streams } from '../../support/upstream/behaviours.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';

const PATIENCE_MS = 5_000;
const COMMENTS = /^:[^\n]*\n\n/gm;

describe('a silent provider', () => {
  const stage = Stage.set({ config: { http: { keepAliveIntervalMs: 25 } } });

  function call(requestId: string): Promise<RawClient> {
    const body = JSON.stringify({ model: MODEL, messages: MESSAGES, stream: true });
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    return RawClient.send(stage.gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body });
  }

  const comments = (count: number) => (body: Buffer) => (body.toString().match(COMMENTS) ?? []).length >= count;

  it(
    'is covered by comments between whole frames, however the frames are cut',
    async () => {
      const pace = new Pace();
      const frames = streamFrames({ usage: 'none' });
      const whole = Buffer.from(frames.join(''));
      stage.upstream.next(streams([whole.subarray(0, frames[0]!.length + 40), whole.subarray(frames[0]!.length + 40)], { pace }));
      pace.step();
      const client = await call(stage.requestId());

      await client.until(comments(3));
      pace.run();

      const { body } = await client.answer;
      expect(body.toString().replace(COMMENTS, '')).toBe(whole.toString());
    },
    PATIENCE_MS,
  );

  it(
    'has its answer begun by a comment before its first event, and the status is 200 then',
    async () => {
      let speak!: () => void;
      const spoken = new Promise<void>((resolve) => (speak = resolve));
      stage.upstream.next(after(spoken, streams(streamFrames({ usage: 'none' }))));
      const client = await call(stage.requestId());

      await client.until(comments(2));
      speak();

      const answer = await client.answer;
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('x-tollgate-provider');
      expect(answer.body.toString().replace(COMMENTS, '')).toBe(streamFrames({ usage: 'none' }).join(''));
    },
    PATIENCE_MS,
  );

  it(
    'that then fails ends the stream with an error event',
    async () => {
      let speak!: () => void;
      const spoken = new Promise<void>((resolve) => (speak = resolve));
      stage.upstream.always(after(spoken, refuses(400, { message: 'no such tool', code: 'invalid_value', param: 'tools' })));
      const requestId = stage.requestId();
      const client = await call(requestId);

      await client.until(comments(2));
      speak();

      const text = (await client.answer).body.toString().replace(COMMENTS, '');
      expect(text).toMatch(/^data: \{"error":.*\n\n$/);
      expect(JSON.parse(text.slice('data: '.length))).toMatchObject({
        error: { message: 'no such tool', param: 'tools', request_id: requestId },
      });
      expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ending: 'failed', error_kind: 'upstream_rejected' });
    },
    PATIENCE_MS,
  );
});
