import path from 'node:path';

/** Not our own environment: that holds providers' keys, and Postgres has no use for them. */
export const NATIVE_ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  SystemRoot: process.env.SystemRoot,
  LC_ALL: 'C',
  TZ: 'UTC',
};

export function nativeBinary(nativeDir: string, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return path.join(nativeDir, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}
