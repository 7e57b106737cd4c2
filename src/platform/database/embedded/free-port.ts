import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';

/** The port in `file`, if nobody listens on it now, else a free one, which is remembered there. */
export async function choosePort(file: string): Promise<number> {
  const usual = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (usual > 0 && (await tryPort(usual)) !== undefined) return usual;
  const port = await tryPort(0);
  if (port === undefined) throw new Error('No free port on 127.0.0.1.');
  // Not being able to remember it is no reason not to start.
  await writeFile(file, String(port)).catch(() => undefined);
  return port;
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
