import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems hand out: while nobody listens on one, nobody is given it either. */
const PORTS = { first: 20_000, count: 12_000 };
const TRIES = 50;

/** A port of loopback to come back on after having been down for a while. */
export async function lastingPort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port is free among ${TRIES} from ${PORTS.first} on.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
