const UNSAFE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Only this machine can reach it, and only with the password; there is no socket file whose path could be too long. */
export function toServerArgs(pgdata: string, port: number, durable: boolean): readonly string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=32MB',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : UNSAFE),
  ];
  return ['-D', pgdata, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}
