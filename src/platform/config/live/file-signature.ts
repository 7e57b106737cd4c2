import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Changes whenever one of these files was written, replaced, put behind another link, made or removed. */
export function signatureOf(paths: readonly string[]): string {
  return toSignature(paths.map(findStats));
}

/** The same without making anybody wait for the disk. */
export async function readSignature(paths: readonly string[]): Promise<string> {
  return toSignature(await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined))));
}

function findStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** What cannot be looked at is as good as absent: reading it will say why. */
function toSignature(found: readonly (BigIntStats | undefined)[]): string {
  return found.map((file) => (file ? [file.dev, file.ino, file.size, file.mtimeNs, file.ctimeNs].join(':') : 'absent')).join(' ');
}
