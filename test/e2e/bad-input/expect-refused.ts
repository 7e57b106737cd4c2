import { expect } from '@jest/globals';
import type { RawAnswer } from '../../support/raw-client.js';
import type { Stage } from '../stage.js';
import { errorOf, type WireError } from '../wire-error.js';

/** What holds for every refused request: OpenAI's shape, nothing upstream, one line in the log and no stack trace in it, no ledger row. */
export async function expectRefused(stage: Stage, answer: RawAnswer, status: number): Promise<WireError> {
  const error = errorOf(answer);
  expect(answer.status).toBe(status);
  expect(stage.upstream.attempts).toHaveLength(0);
  const lines = await stage.gateway.logs.untilLinesOf(error.request_id);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ status });
  expect(JSON.stringify(lines)).not.toMatch(/"stack"|\\n\s+at /);
  expect((await stage.gateway.ledger.rows()).filter((row) => row.request_id === error.request_id)).toEqual([]);
  return error;
}
