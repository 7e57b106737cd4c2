import { totalmem } from 'node:os';

const MEBIBYTE = 1024 * 1024;
const UNSAFE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Only this machine can reach it, and only with the password; there is no socket file whose path could be too long. */
export function toServerArgs(pgdata: string, port: number, durable: boolean): readonly string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    `shared_buffers=${sharedBuffersMb()}MB`,
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : UNSAFE),
  ];
  return ['-D', pgdata, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

/** A sixteenth of the memory that there is: it is used as it is needed, and roll-ups by end user want more than a little. */
function sharedBuffersMb(): number {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.min(512, Math.max(32, Math.round(memory / 16 / MEBIBYTE)));
}
