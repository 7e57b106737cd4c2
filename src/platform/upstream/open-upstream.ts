import { buildConnector, Pool } from 'undici';

/** How many requests wait for a connection to an origin. Whoever asks counts itself in and, once it is served or refused, out. */
export interface Demand {
  waiting: number;
}

export interface UpstreamOptions {
  readonly connectMs: number;
  readonly connections: number;
  readonly demand: Demand;
}

/**
 * A pool of kept-alive connections to one origin. Deadlines after connecting are the caller's: undici's own would end a
 * long silence of a thinking model after five minutes.
 *
 * A connection is made only while somebody waits for one: of its own undici 7 opens another in the place of each that was closed
 * by the abort of a call, with its whole handshake, and for nobody.
 */
export function openUpstream(baseUrl: string, { connectMs, connections, demand }: UpstreamOptions): Pool {
  const connect = buildConnector({ timeout: connectMs });
  return new Pool(new URL(baseUrl).origin, {
    connections,
    connect: (options, callback) => {
      if (demand.waiting > 0) connect(options, callback);
      else process.nextTick(callback, new Error('nobody waits for a connection'), null);
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
