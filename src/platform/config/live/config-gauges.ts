import { GaugeSeries } from '../../metrics/series.js';
import type { LiveConfig } from './live-config.js';

/** Which configuration the process runs with, and whether its file has been refused since. */
export function configGauges(live: LiveConfig): readonly GaugeSeries[] {
  const info = 'The version of the running configuration; always 1.';
  const refused = '1 while the configuration file is not what runs because something is wrong with it, else 0.';
  return [
    new GaugeSeries('tollgate_config_info', info, 'max', ['version'], () => [[[live.version], 1]]),
    new GaugeSeries('tollgate_config_refused', refused, 'max', [], () => [[[], live.lastProblem ? 1 : 0]]),
  ];
}
