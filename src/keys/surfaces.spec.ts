import { describe, expect, it } from '@jest/globals';
import { surfaceOf } from './surfaces.js';

describe('surfaceOf', () => {
  it.each([
    ['/v1/chat/completions', 'chat'],
    ['/api/v1/chat/stream', 'chat'],
    ['/v1/messages/count_tokens', 'messages'],
    ['/v1/models/*', 'models'],
    ['/providers', 'models'],
    ['/v1/usage/:user_id', 'usage'],
    ['/metrics.json', 'metrics'],
    ['/admin/keys/:id', 'admin'],
    ['/api/v1/admin/summary', 'admin'],
  ])('says what %s is for: %s', (path, surface) => {
    expect(surfaceOf(path)).toBe(surface);
  });

  it.each(['', '/', '/v1', '/v2/chat', '/chatter', '/v1/unheard-of'])('knows none for %j', (path) => {
    expect(surfaceOf(path)).toBeUndefined();
  });
});
