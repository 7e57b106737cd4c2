import { expect } from '@jest/globals';
import type { RawAnswer } from '../support/raw-client.js';

export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly request_id: string;
}

/** The error of an answer, in OpenAI's shape: exactly its five members, JSON, and the request id of the header. */
export function errorOf(answer: RawAnswer): WireError {
  const body = JSON.parse(answer.body.toString()) as { readonly error: WireError };
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(Object.keys(body)).toEqual(['error']);
  expectErrorShape(body.error);
  expect(body.error.request_id).toBe(answer.headers['x-request-id']);
  return body.error;
}

export function expectErrorShape(error: WireError): void {
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'request_id', 'type']);
  expect(typeof error.message).toBe('string');
  expect(typeof error.type).toBe('string');
  expect(error.message).not.toMatch(/\n\s+at |<html|undefined|\[object/i);
}
