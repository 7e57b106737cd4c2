import { blot } from './found.js';
import { ConfigError } from './config-error.js';

/** What reading the configuration has to say: problems stop the start, the rest is for the log. */
export class Findings {
  readonly problems: string[] = [];
  readonly deprecations: string[] = [];
  readonly notices: string[] = [];

  /** Throws if there is a problem. `secrets` appear in no line. */
  conclude(secrets: Iterable<string>): { readonly deprecations: readonly string[]; readonly notices: readonly string[] } {
    const known = [...secrets];
    const clean = (lines: readonly string[]) => [...new Set(lines)].map((line) => blot(line, known));
    if (this.problems.length > 0) throw new ConfigError(clean(this.problems));
    return { deprecations: clean(this.deprecations), notices: clean(this.notices) };
  }
}
