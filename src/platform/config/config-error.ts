/** Why the gateway does not start. `problems` has one line each: where, what is accepted, what was found; never a secret. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}
