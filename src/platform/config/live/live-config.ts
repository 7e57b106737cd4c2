import type { Clock } from '../../../core/clock.js';
import { ConfigError } from '../config-error.js';
import type { Config } from '../config.js';
import { type ConfigSources, type LoadedConfig, readConfig } from '../load-config.js';
import { type Changes, changesBetween, withFileOf } from './changes.js';
import { versionOf } from './config-version.js';
import { readSignature, signatureOf } from './file-signature.js';
import type { Setting } from './settings.js';

/** What a room has made ready for a new configuration. Exactly one of the two is called, in the turn in which it was prepared. */
export interface Prepared {
  /** Puts it in force. Must not fail: all that can has been done before. */
  apply(): void;
  /** The new configuration is refused after all: lets go of what was made for it. */
  discard(): void;
}

/** Makes ready for `next` and changes nothing yet. What it throws refuses the new configuration. */
export type Prepare = (next: Config) => Prepared;

export interface ConfigProblem {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One line each. */
  readonly problems: readonly string[];
}

export type ReloadOutcome =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly problems: readonly string[] }
  | {
      readonly outcome: 'reloaded';
      readonly changes: Changes;
      /** Sections that the environment now gives otherwise, and that stay as they are. */
      readonly needRestart: readonly (keyof Config)[];
      /** Deprecations and notices that were not there before. */
      readonly remarks: readonly string[];
    };

/**
 * The configuration in force. Its file can be read again while calls are in flight, all or nothing: the whole file is judged and
 * every room that subscribed makes ready before anything changes; then all of it changes in one turn, or none of it.
 */
export class LiveConfig {
  /** Injected as `CONFIG`: each section is read where it is used, and is then the one in force. */
  readonly view: Config;
  private readonly rooms: Prepare[] = [];
  private since: number;
  private problem: ConfigProblem | undefined;
  /** Of the file as it was last read, whatever came of it. */
  private judged: string;

  private constructor(
    private loaded: LoadedConfig,
    private readonly clock: Clock,
    private readonly isFromFile: boolean,
  ) {
    this.since = clock.now();
    this.judged = loaded.signature;
    this.view = toView(this);
  }

  /** Reads the environment, for once and for all, and the file. Throws `ConfigError`. */
  static load(sources: ConfigSources, clock: Clock): LiveConfig {
    return new LiveConfig(readConfig(sources), clock, true);
  }

  /** One that was made and not read, so that there is nothing to read again. */
  static of(config: Config, clock: Clock): LiveConfig {
    const nowhere = { file: undefined, settings: [], sources: { env: {}, cwd: '' }, paths: [], signature: signatureOf([]) };
    return new LiveConfig({ config, version: versionOf(undefined), ...nowhere }, clock, false);
  }

  get current(): Config {
    return this.loaded.config;
  }

  get version(): string {
    return this.loaded.version;
  }

  /** Milliseconds since the epoch. */
  get loadedAt(): number {
    return this.since;
  }

  /** Absolute; undefined = there is none. */
  get file(): string | undefined {
    return this.loaded.file;
  }

  get settings(): readonly Setting[] {
    return this.loaded.settings;
  }

  /** Why the file as it stands is not in force; undefined if it is. */
  get lastProblem(): ConfigProblem | undefined {
    return this.problem;
  }

  /** Lets a room that makes something of the configuration make it anew, in the order of subscription. */
  onChange(prepare: Prepare): void {
    this.rooms.push(prepare);
  }

  /** What the files look like now that this could be read from. */
  look(): Promise<string> {
    return readSignature(this.loaded.paths);
  }

  /** Was the file as it looks in `signature` read, whether accepted or refused? */
  knows(signature: string): boolean {
    return signature === this.judged;
  }

  /** Reads the file again and puts it in force, or leaves everything as it is and remembers why. Never throws. */
  reload(): ReloadOutcome {
    if (!this.isFromFile) return { outcome: 'unchanged' };
    this.judged = signatureOf(this.loaded.paths);
    try {
      return this.change(this.readAgain());
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [String(error)];
      this.problem = { at: this.clock.now(), problems };
      return { outcome: 'refused', problems };
    }
  }

  private readAgain(): LoadedConfig {
    const next = readConfig(this.loaded.sources);
    if (this.file === undefined || next.file !== undefined) return next;
    throw new ConfigError([`${this.file}: is gone; put it back, or restart to run without it`]);
  }

  private change(next: LoadedConfig): ReloadOutcome {
    const { config, needRestart } = withFileOf(this.current, next.config);
    const changes = changesBetween(this.current, config);
    const isSame = changes.sections.length === 0;
    const isSameFile = next.version === this.version && next.file === this.file;
    const ready = isSame ? [] : this.prepare(config);
    const known = remarksOf(this.current);
    this.loaded = { ...next, config };
    this.problem = undefined;
    for (const room of ready) room.apply();
    if (isSame && isSameFile) return { outcome: 'unchanged' };
    this.since = this.clock.now();
    return { outcome: 'reloaded', changes, needRestart, remarks: remarksOf(config).filter((remark) => !known.includes(remark)) };
  }

  private prepare(config: Config): readonly Prepared[] {
    const ready: Prepared[] = [];
    try {
      for (const prepare of this.rooms) ready.push(prepare(config));
    } catch (error) {
      for (const room of ready) room.discard();
      throw error;
    }
    return ready;
  }
}

function remarksOf({ deprecations, notices }: Config): readonly string[] {
  return [...deprecations, ...notices];
}

function toView(live: LiveConfig): Config {
  const keys = Object.keys(live.current) as (keyof Config)[];
  const members = keys.map((key) => [key, { enumerable: true, get: () => live.current[key] }] as const);
  return Object.defineProperties({}, Object.fromEntries(members)) as Config;
}
