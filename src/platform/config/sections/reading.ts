import type { Environment } from '../environment/environment.js';
import type { EnvironmentSource } from '../environment/environment-source.js';
import type { Findings } from '../findings.js';
import type { FileContent } from '../yaml/file.js';

/** All that was read, from which the sections of the configuration are put together. */
export interface Reading {
  readonly source: EnvironmentSource;
  readonly environment: Environment;
  readonly file: FileContent;
  /** Where relative paths of the environment, and of the file, start. */
  readonly cwd: string;
  readonly folder: string;
  readonly findings: Findings;
}
