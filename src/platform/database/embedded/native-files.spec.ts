import { describe, expect, it } from '@jest/globals';
import { findNativeFiles } from './native-files.js';

const anyLoader = { hasLoader: () => true };

describe('findNativeFiles', () => {
  it('says what to do on a platform without binaries', async () => {
    await expect(findNativeFiles({ name: 'sunos-x64', ...anyLoader })).rejects.toThrow(
      'There is no embedded PostgreSQL for sunos-x64: set DATABASE_URL to a PostgreSQL server.',
    );
  });

  it('does not try a glibc binary on musl', async () => {
    await expect(findNativeFiles({ name: 'linux-x64', hasLoader: () => false })).rejects.toThrow(
      'There is no embedded PostgreSQL for linux-x64 without glibc: set DATABASE_URL',
    );
  });

  it('says what to do when the optional package was left out', async () => {
    const elsewhere = process.platform === 'darwin' ? 'win32-x64' : 'darwin-arm64';

    await expect(findNativeFiles({ name: elsewhere, ...anyLoader })).rejects.toThrow(
      /is not installed .* run `npm ci` without `--omit=optional`/,
    );
  });
});
