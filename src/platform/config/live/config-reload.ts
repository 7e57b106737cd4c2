import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOG, type Log } from '../../log/log.js';
import { CallMetrics } from '../../metrics/call-metrics.js';
import { configGauges } from './config-gauges.js';
import { FileWatch } from './file-watch.js';
import { LiveConfig, type ReloadOutcome } from './live-config.js';

const LOOK_EVERY_MS = 500;

/** Reloads the configuration when its file changes or somebody asks, and says what came of it. */
@Injectable()
export class ConfigReload implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly watch: FileWatch;
  private isRunning = false;

  constructor(
    private readonly live: LiveConfig,
    @Inject(LOG) private readonly log: Log,
    metrics: CallMetrics,
  ) {
    for (const gauge of configGauges(live)) metrics.show(gauge);
    this.watch = new FileWatch({
      everyMs: LOOK_EVERY_MS,
      look: () => live.look(),
      knows: (look) => live.knows(look),
      onChange: () => this.reload('file'),
    });
  }

  onApplicationBootstrap(): void {
    this.isRunning = true;
    this.watch.start();
  }

  beforeApplicationShutdown(): void {
    this.isRunning = false;
    this.watch.stop();
  }

  /** Before the gateway runs there is nothing to reload: a change since the file was read is found by the first look. */
  reload(cause: 'signal' | 'file'): void {
    if (this.isRunning) this.report(cause, this.live.reload());
  }

  private report(cause: string, result: ReloadOutcome): void {
    const { version, file = null } = this.live;
    if (result.outcome === 'refused') {
      this.log.error({ event: 'config_refused', cause, file, problems: result.problems, version }, 'The running configuration stays.');
      return;
    }
    if (result.outcome === 'unchanged') {
      this.log.info({ event: 'config_unchanged', cause, file, version }, file === null ? 'There is no configuration file to reload.' : '');
      return;
    }
    const { sections, providers } = result.changes;
    this.log.info({ event: 'config_reloaded', cause, file, version, sections, providers });
    if (result.needRestart.length > 0) {
      this.log.warn({ event: 'config_needs_restart', sections: result.needRestart }, 'These changes take effect at the next start.');
    }
    for (const message of result.remarks) this.log.warn({ event: 'config_notice', message });
  }
}
