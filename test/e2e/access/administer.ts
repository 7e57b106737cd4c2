import { expect } from '@jest/globals';
import { ADMIN_KEY } from '../../support/gateway.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';

export type Json = Readonly<Record<string, unknown>> & { readonly id: string; readonly key: string };

/** Asks the administration of a gateway, with JSON. */
export function askAdmin(baseUrl: string, method: string, path: string, body?: object, key = ADMIN_KEY): Promise<RawAnswer> {
  return rawRequest(baseUrl, {
    method,
    path: `/v1/admin${path}`,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** The same, expecting that it is done. */
export async function administer(baseUrl: string, method: string, path: string, body?: object): Promise<Json> {
  const answer = await askAdmin(baseUrl, method, path, body);
  expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
  return JSON.parse(answer.body.toString()) as Json;
}
