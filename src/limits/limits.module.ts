import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import {
  CONFIG,
  type Config,
  Gateways,
  LOG,
  type Log,
  Readiness,
  REDIS,
  type RedisConnection,
  RedisWatch,
  SingleProcess,
} from '../platform/index.js';
import { ADMISSION, type RebuildingLedger } from './admission.js';
import { type Bound, isBudget } from './bounds.js';
import { type BoundsOf, Bounds } from './bounds-of.js';
import { boundOf } from './budgets/budget-bound.js';
import { BUDGET_READINGS } from './budgets/budget-standing.js';
import { BudgetsModule } from './budgets/budgets.module.js';
import { BudgetsService } from './budgets/budgets.service.js';
import { LiveBudgets } from './budgets/live-budgets.js';
import { SpendStore } from './budgets/spend.store.js';
import { DiskNotes } from './intents/disk-notes.js';
import { Intents } from './intents/intents.js';
import { IntentsStore } from './intents/intents.store.js';
import { LocalAdmission } from './local-admission.js';
import { LocalSeeding } from './local-seeding.js';
import { NotedAdmission } from './noted-admission.js';
import { RedisStore } from './redis/redis-store.js';
import { RedisAdmission } from './redis-admission.js';
import { RefusalCounts } from './refusal-counts.js';
import { RefusalCountsStore } from './refusal-counts.store.js';
import { budgetsUnknown } from './refusals.js';
import { HeldCalls } from './shared/held-calls.js';
import { Recovery } from './shared/recovery.js';
import { Seeds } from './shared/seeds.js';
import { ShardGates } from './shared/shard-gates.js';
import { ThrottlingModule } from './throttling.module.js';

@Module({
  imports: [ThrottlingModule, BudgetsModule],
  providers: [
    { provide: Bounds, useFactory: makeBounds, inject: [CONFIG, LiveBudgets] },
    {
      provide: ADMISSION,
      useFactory: openAdmission,
      inject: [REDIS, Bounds, LiveBudgets, SpendStore, IntentsStore, Gateways, SingleProcess, CONFIG, CLOCK, LOG],
    },
    { provide: BUDGET_READINGS, useFactory: ({ readings }: NotedAdmission | RedisAdmission) => readings, inject: [ADMISSION] },
    IntentsStore,
    RefusalCounts,
    RefusalCountsStore,
    BudgetsService,
  ],
  exports: [ADMISSION, RefusalCounts, BudgetsService],
})
export class LimitsModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly watch: RedisWatch,
    @Inject(LiveBudgets) private readonly budgets: Pick<LiveBudgets, 'size'>,
  ) {}

  /** A Redis that may throw away what was spent cannot be trusted with budgets. */
  onModuleInit(): void {
    this.readiness.require('redis_eviction', () => (this.budgets.size > 0 ? this.watch.policyProblem() : undefined));
  }
}

function makeBounds(config: Pick<Config, 'limits' | 'redis'>, budgets: LiveBudgets): Bounds {
  return new Bounds(config, budgets);
}

function openAdmission(
  redis: RedisConnection | undefined,
  ...[bounds, budgets, spend, intents, gateways, single, config, clock, log]: [
    Bounds,
    LiveBudgets,
    SpendStore,
    IntentsStore,
    Gateways,
    SingleProcess,
    Pick<Config, 'redis'>,
    Clock,
    Log,
  ]
): NotedAdmission | RedisAdmission {
  if (!redis) return openLocal(bounds, { spend, intents, owner: gateways.id, single, clock, log });
  const store = new RedisStore(redis);
  const [held, gates, seeds] = [new HeldCalls(), new ShardGates(clock, log), new Seeds(spend, clock)];
  const recovery = new Recovery({ store, gates, held, seeds, gateways, log });
  redis.onLost(() => recovery.lost());
  redis.onReady(() => recovery.look());
  const local = new LocalAdmission(bounds.of, clock);
  const lentBounds = (nowMs: number): readonly Bound[] => budgets.onEverything.map((budget) => boundOf(budget, nowMs).bound);
  const admission = new RedisAdmission({
    store,
    local,
    boundsOf: bounds.of,
    lentBounds,
    held,
    gates,
    recovery,
    gateways,
    config,
    clock,
    log,
  });
  budgets.onChange(() => void admission.recallLent());
  return admission;
}

interface LocalParts {
  readonly spend: SpendStore;
  readonly intents: IntentsStore;
  readonly owner: string;
  readonly single: SingleProcess;
  readonly clock: Clock;
  readonly log: Log;
}

function openLocal(bounds: Bounds, { intents: store, owner, ...parts }: LocalParts): NotedAdmission {
  const boundsOf: BoundsOf = (payer, nowMs) => {
    const found = bounds.of(payer, nowMs);
    if (!seeding.isDone && found.some(isBudget)) throw budgetsUnknown();
    return found;
  };
  const local = new LocalAdmission(boundsOf, parts.clock);
  const disk = new DiskNotes(async (intents) => (await admission.ledger).foresee(intents), parts.log);
  const admission: NotedAdmission = new NotedAdmission(local, new Intents(store, disk, parts.clock, parts.log), owner);
  const seeding = new LocalSeeding({
    ...parts,
    wasTakenByAnother: () => store.take(owner),
    bury: () => buryOthers(store, owner, admission.ledger),
    admission: local,
  });
  return admission;
}

/** Writes the calls of gateways that came before to the ledger: what they have left on disk, and the others as interrupted ones. */
async function buryOthers(store: IntentsStore, owner: string, known: Promise<RebuildingLedger>): Promise<void> {
  const ledger = await known;
  await ledger.flush();
  for (;;) {
    const holds = await store.leftByOthers(owner);
    if (holds.length === 0) return;
    await ledger.bury({ holds, events: [] });
    await store.write(
      [],
      holds.map(({ callId }) => callId),
    );
  }
}
