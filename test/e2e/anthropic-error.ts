import { expect } from '@jest/globals';
import type { RawAnswer } from '../support/raw-client.js';

export interface AnthropicWireError {
  readonly type: string;
  readonly message: string;
  readonly request_id: string;
}

/** The error of an answer, in Anthropic's shape, with the request id under both names that clients read. */
export function anthropicErrorOf(answer: RawAnswer): AnthropicWireError {
  const body = JSON.parse(answer.body.toString()) as {
    readonly type: string;
    readonly error: { readonly type: string; readonly message: string };
    readonly request_id: string;
  };
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(Object.keys(body).sort()).toEqual(['error', 'request_id', 'type']);
  expect(body.type).toBe('error');
  expect(body.error).toMatchObject({ type: expect.any(String), message: expect.any(String) });
  expect(body.error.message).not.toMatch(/\n\s+at |<html|undefined|\[object/i);
  expect(body.request_id).toBe(answer.headers['x-request-id']);
  expect(body.request_id).toBe(answer.headers['request-id']);
  return { ...body.error, request_id: body.request_id };
}
