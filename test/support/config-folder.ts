import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from '../../src/platform/config/config.js';
import { ConfigError } from '../../src/platform/config/config-error.js';
import { loadConfig } from '../../src/platform/config/load-config.js';

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** By their path in the working directory. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What the gateway makes of these variables and files, read in a folder of their own that is gone afterwards. */
export function configFrom({ env = {}, files = {} }: Given): Config {
  const cwd = mkdtempSync(path.join(tmpdir(), 'tollgate-config-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
      writeFileSync(path.join(cwd, name), content);
    }
    return loadConfig({ env, cwd });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** The lines that the gateway would refuse to start with; none if it would start. */
export function problemsIn(given: Given): readonly string[] {
  try {
    configFrom(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
