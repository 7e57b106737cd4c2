import type { StartGateway } from '../gateway-under-drill.js';
import type { Report } from '../report.js';
import { allDown } from './all-down.js';
import { killedUnderStreams } from './killed-under-streams.js';
import { oneDown } from './one-down.js';
import type { OutagePlan } from './outage-plan.js';

/** The parts of the drill by name, each with providers and a gateway of its own. */
export function outageDrill(plan: OutagePlan, startGateway: StartGateway): ReadonlyMap<string, () => Promise<Report>> {
  return new Map([
    ['one provider refuses connections', () => oneDown(plan, startGateway, 'refuses connections')],
    ['one provider answers 500', () => oneDown(plan, startGateway, 'answers 500')],
    ['all providers are down', () => allDown(plan, startGateway)],
    ['the better provider is killed under streams', () => killedUnderStreams(plan, startGateway)],
  ]);
}
