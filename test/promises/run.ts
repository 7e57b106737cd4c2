// `npm run promises -- <drill> [--short]`: drills that show a promise under real load, with gateways in processes of their own.
// Prints what was measured beside what was promised; the exit code is 1 if anything was missed.
import { budgetDrill } from './budget/budget.js';
import { SHORT_BUDGET, WHOLE_BUDGET } from './budget/budget-plan.js';
import { startGatewayProcess } from './gateway-process.js';
import { FROM_BUILD } from './launch.js';
import { ledgerDrill, SHORT_LEDGER, WHOLE_LEDGER } from './ledger/ledger.js';
import { outageDrill } from './outage/outage.js';
import { SHORT_OUTAGE, WHOLE_OUTAGE } from './outage/outage-plan.js';
import { redisDrill, SHORT_REDIS, WHOLE_REDIS } from './redis/redis-faults.js';
import { type Report, toTable } from './report.js';

const USAGE = `npm run promises -- <drill> [--short]

  outage    providers go down and come back under 200 calls/s (about six minutes; with --short half a minute)
  redis     Redis is stopped, paused, slowed and flapping under load, and no call hangs (about six minutes; with --short one and a half)
  budget    300 clients spend through three gateways that are killed, on a Redis that loses what it knew (about ten minutes; with --short two)
  ledger    the same over Postgres and Redis, Postgres alone and an embedded one, each killed, too: every billed call has one row;
            and a gateway is killed at each message of a settlement
`;

const DRILLS: Readonly<Record<string, (isShort: boolean) => ReadonlyMap<string, () => Promise<Report>>>> = {
  outage: (isShort) => outageDrill(isShort ? SHORT_OUTAGE : WHOLE_OUTAGE, startGatewayProcess),
  redis: (isShort) => redisDrill(isShort ? SHORT_REDIS : WHOLE_REDIS, FROM_BUILD),
  budget: (isShort) => budgetDrill(isShort ? SHORT_BUDGET : WHOLE_BUDGET, FROM_BUILD),
  ledger: (isShort) => ledgerDrill(isShort ? SHORT_LEDGER : WHOLE_LEDGER, FROM_BUILD),
};

async function run(parts: ReadonlyMap<string, () => Promise<Report>>): Promise<boolean> {
  let holds = true;
  for (const part of parts.values()) {
    const report = await part();
    process.stdout.write(`${toTable(report)}\n`);
    holds &&= report.figures.every((figure) => figure.holds);
  }
  return holds;
}

const [drill = '', ...options] = process.argv.slice(2);
const parts = DRILLS[drill]?.(options.includes('--short'));
if (!parts || options.some((option) => option !== '--short')) {
  process.stderr.write(USAGE);
  process.exit(64);
}
const holds = await run(parts);
process.stdout.write(holds ? 'The promise holds.\n' : 'The promise was MISSED.\n');
process.exit(holds ? 0 : 1);
