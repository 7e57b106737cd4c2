import type { Call } from '../../src/core/call.js';
import { makeId } from '../../src/core/ids.js';
import type { RecordedCall } from '../../src/usage/bodies/recording.js';

/** As much of a call as its recording looks at. */
export function callSaying(body: string, { stream = false, admittedAt = Date.UTC(2026, 10, 22) } = {}): Call {
  const request = { raw: Buffer.from(body), text: body, parsed: JSON.parse(body) as unknown, stream };
  return { callId: makeId(admittedAt), admittedAt, request } as unknown as Call;
}

/** Takes what recordings leave. */
export class RecordedCalls {
  readonly calls: RecordedCall[] = [];
  missed = 0;

  add(call: RecordedCall): void {
    this.calls.push(call);
  }

  miss(): void {
    this.missed += 1;
  }
}
