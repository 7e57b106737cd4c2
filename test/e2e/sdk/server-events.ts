import { expect } from '@jest/globals';
import type { RawAnswer } from '../../support/raw-client.js';

type ServerEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** The events of a stream whose frames each have an `event` line, which must say the `type` of the data. */
export function eventsOf(answer: RawAnswer): readonly ServerEvent[] {
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
  const frames = answer.body.toString().split('\n\n');
  expect(frames.pop()).toBe('');
  return frames
    .filter((frame) => !frame.startsWith(':'))
    .map((frame) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const event = JSON.parse(data ?? 'null') as ServerEvent;
      expect(event.type).toBe(name);
      return event;
    });
}
