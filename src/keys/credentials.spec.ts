import { describe, expect, it } from '@jest/globals';
import { parseCredentials } from './credentials.js';

describe('parseCredentials', () => {
  it.each([
    [{ authorization: 'Bearer k' }],
    [{ authorization: 'bearer k' }],
    [{ authorization: 'BEARER   k' }],
    [{ 'x-api-key': 'k' }],
    [{ authorization: 'Bearer k', 'x-api-key': 'k' }],
    [{ authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': 'k' }],
    [{ authorization: 'Bearer k', 'x-api-key': '' }],
  ])('finds the key in %j', (headers) => {
    expect(parseCredentials(headers)).toBe('k');
  });

  it.each([[{}], [{ authorization: '' }], [{ 'x-api-key': '' }]])('says how to send one when there is none: %j', (headers) => {
    expect(() => parseCredentials(headers)).toThrow('needs an API key. Send it as `Authorization: Bearer <key>` or as `X-API-Key: <key>`.');
  });

  it.each(['k', 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer two words'])('says how to send one instead of %j', (authorization) => {
    expect(() => parseCredentials({ authorization })).toThrow('`Authorization` header does not hold an API key. Send it as');
  });

  it('refuses two different keys, whichever is right', () => {
    expect(() => parseCredentials({ authorization: 'Bearer a', 'x-api-key': 'b' })).toThrow('two different API keys');
  });
});
