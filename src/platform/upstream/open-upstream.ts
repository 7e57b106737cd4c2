import { Pool } from 'undici';

/**
 * A pool of kept-alive connections to one origin. Deadlines after connecting are the caller's: undici's own would end a
 * long silence of a thinking model after five minutes.
 */
export function openUpstream(baseUrl: string, options: { connectMs: number; connections: number }): Pool {
  return new Pool(new URL(baseUrl).origin, {
    connections: options.connections,
    connect: { timeout: options.connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
