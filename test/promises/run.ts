// `npm run promises -- outage [--short]`: drills that show a promise under real load, with the gateway in a process of its own.
// Prints what was measured beside what was promised; the exit code is 1 if anything was missed.
import { startGatewayProcess } from './gateway-process.js';
import { outageDrill } from './outage/outage.js';
import { SHORT_OUTAGE, WHOLE_OUTAGE } from './outage/outage-plan.js';
import { toTable } from './report.js';

const USAGE = `npm run promises -- <drill> [--short]

  outage    providers go down and come back under 200 calls/s (about six minutes; with --short half a minute)
`;

async function runOutage(isShort: boolean): Promise<boolean> {
  const plan = isShort ? SHORT_OUTAGE : WHOLE_OUTAGE;
  let holds = true;
  for (const part of outageDrill(plan, startGatewayProcess).values()) {
    const report = await part();
    process.stdout.write(`${toTable(report)}\n`);
    holds &&= report.figures.every((figure) => figure.holds);
  }
  return holds;
}

const [drill, ...options] = process.argv.slice(2);
if (drill !== 'outage' || options.some((option) => option !== '--short')) {
  process.stderr.write(USAGE);
  process.exit(64);
}
const holds = await runOutage(options.includes('--short'));
process.stdout.write(holds ? 'The promise holds.\n' : 'The promise was MISSED.\n');
process.exit(holds ? 0 : 1);
