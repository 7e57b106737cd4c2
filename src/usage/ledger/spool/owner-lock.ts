import { type FileHandle, open } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';

/** The socket in a folder that its owner listens to. */
export const OWNER_FILE = 'owner';

/**
 * Says that a folder is in use for as long as this process lives: a socket in it is listened to. The kernel closes that with the
 * process, however it ends, so no lock outlives its owner; and it tells processes of other containers apart, which process ids do not.
 */
export class OwnerLock {
  private constructor(
    private readonly folder: FileHandle,
    private readonly server: Server,
  ) {}

  /** Rejects where the folder cannot hold a socket. */
  static async take(dir: string): Promise<OwnerLock> {
    const folder = await open(dir, 'r');
    try {
      const server = createServer((socket) => socket.destroy()).unref();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(addressIn(dir, folder), resolve);
      });
      return new OwnerLock(folder, server);
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Makes durable which files the folder has. */
  syncFolder(): Promise<void> {
    return this.folder.sync();
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
    await this.folder.close();
  }
}

/** Whether the owner of a folder lives. What cannot be found out counts as living. */
export async function isOwned(dir: string): Promise<boolean> {
  const folder = await open(dir, 'r');
  try {
    const reason = await tryOwner(addressIn(dir, folder));
    return reason !== 'ECONNREFUSED' && reason !== 'ENOENT';
  } finally {
    await folder.close();
  }
}

/** The code of the error; undefined = somebody listens. */
function tryOwner(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}

/** The address of a socket has some hundred bytes, and a data folder's path may have more: on Linux it is reached by the open folder. */
function addressIn(dir: string, folder: FileHandle): string {
  return path.join(process.platform === 'linux' ? `/proc/self/fd/${folder.fd}` : dir, OWNER_FILE);
}
