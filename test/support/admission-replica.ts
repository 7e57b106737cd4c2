import { pino } from 'pino';
import type { Call } from '../../src/core/call.js';
import type { Caller } from '../../src/core/caller.js';
import { Settlement, type Settled } from '../../src/core/settlement.js';
import { NO_USAGE } from '../../src/core/usage.js';
import type { AdmissionRequest, Hold } from '../../src/limits/admission.js';
import type { Bound, BudgetBound } from '../../src/limits/bounds.js';
import { bucketOf } from '../../src/limits/budgets/budget-bound.js';
import type { SpendQuestion, SpendSnapshot } from '../../src/limits/budgets/spend.store.js';
import { LocalAdmission } from '../../src/limits/local-admission.js';
import { RedisAdmission } from '../../src/limits/redis-admission.js';
import { RedisStore } from '../../src/limits/redis/redis-store.js';
import { HeldCalls } from '../../src/limits/shared/held-calls.js';
import { Recovery } from '../../src/limits/shared/recovery.js';
import { Seeds } from '../../src/limits/shared/seeds.js';
import { ShardGates } from '../../src/limits/shared/shard-gates.js';
import { createRedis } from '../../src/platform/index.js';
import { TENANT } from './admission-harness.js';

const CALLER: Caller = { keyId: 'k 1', keyName: 'k', role: 'client', tenant: TENANT };

/** The ledger that replicas share: rows, and what of them is charged to budgets. */
export class SharedLedger {
  readonly rows = new Map<string, { readonly costNanoUsd: bigint; readonly budgets: readonly string[] }>();

  constructor(private readonly bounds: readonly Bound[]) {}

  /** As Postgres would answer. */
  read({ callIds }: SpendQuestion): Promise<SpendSnapshot> {
    const budgets = this.bounds.filter((bound): bound is BudgetBound => 'ref' in bound);
    const seeds = budgets.map((bound) => ({
      tenant: bound.scope === 'everything' ? undefined : TENANT,
      bound,
      spent: [{ atMs: 0, bucketMs: bucketOf(bound.ref), costNanoUsd: this.spentOf(bound.ref) }],
    }));
    const stored = new Map(callIds.flatMap((id) => (this.rows.has(id) ? [[id, this.rows.get(id)!]] : [])));
    return Promise.resolve({ seeds, stored });
  }

  spentOf(ref: string): bigint {
    return [...this.rows.values()].reduce((sum, row) => (row.budgets.includes(ref) ? sum + row.costNanoUsd : sum), 0n);
  }
}

export interface ReplicaOptions {
  readonly url: string;
  readonly bounds: readonly Bound[];
  readonly ledger: SharedLedger;
  /** The ids of all replicas that live; the new one adds itself. */
  readonly living: Set<string>;
  readonly whenDown?: 'open' | 'closed';
  readonly sweepAfterMs?: number;
}

let replicas = 0;

/** Admission over Redis as one gateway of several has it, without the gateway. */
export class AdmissionReplica {
  readonly id = `replica-${(replicas += 1)}`;
  readonly events: string[] = [];
  readonly clock = { ms: 0, now: () => Date.now(), elapsed: () => this.clock.ms };
  readonly redis: NonNullable<ReturnType<typeof createRedis>>;
  readonly admission: RedisAdmission;
  readonly store: RedisStore;
  private calls = 0;

  constructor(private readonly options: ReplicaOptions) {
    const { url, bounds, ledger, living, whenDown = 'closed', sweepAfterMs = 60_000 } = options;
    living.add(this.id);
    const { clock, id } = this;
    const log = pino({}, { write: (line) => void this.events.push((JSON.parse(line) as { event: string }).event) });
    this.redis = createRedis(url)!;
    this.store = new RedisStore(this.redis);
    const [held, gates] = [new HeldCalls(), new ShardGates(clock, log)];
    const gateways = { id, living: () => Promise.resolve([...living]), lastSeen: 1 };
    const seeds = new Seeds(ledger, clock);
    const recovery = new Recovery({ store: this.store, gates, held, seeds, gateways, log, sweepAfterMs });
    this.redis.onLost(() => recovery.lost());
    this.redis.onReady(() => recovery.look());
    const boundsOf = (): readonly Bound[] => bounds;
    this.admission = new RedisAdmission({
      store: this.store,
      local: new LocalAdmission(boundsOf, clock),
      boundsOf,
      lentBounds: () => [],
      held,
      gates,
      recovery,
      gateways,
      config: { redis: { url: undefined, cacheUrl: undefined, whenDown } },
      clock,
      log,
    });
  }

  /** Resolves when its shards are open, or after two seconds. */
  async start(): Promise<this> {
    await this.redis.whenReady(5_000);
    await this.admission.onModuleInit();
    return this;
  }

  async stop(): Promise<void> {
    this.options.living.delete(this.id);
    await this.admission.onApplicationShutdown();
    this.redis.disconnect();
  }

  admit(costNanoUsd = 0n): Hold | Promise<Hold> {
    return this.admission.admit(requestOf(`${this.id}-${(this.calls += 1)}`, costNanoUsd));
  }

  async outcome(costNanoUsd = 0n): Promise<string> {
    try {
      await this.admit(costNanoUsd);
      return 'admitted';
    } catch (error) {
      return (error as { kind: string }).kind;
    }
  }

  /** The call is over: its row is in the ledger, and the store is told. */
  settle(hold: Hold, costNanoUsd: bigint): void {
    const settlement = new Settlement();
    settlement.settle({ record: { usage: NO_USAGE, costNanoUsd } as Settled['record'], line: `{"call_id":"${hold.callId}"}` });
    this.admission.settle(hold, settlement);
    this.options.ledger.rows.set(hold.callId, { costNanoUsd, budgets: hold.budgets });
    this.admission.confirm(hold);
  }

  /** Do the counters stand at this, in the order of the bounds? Not while nobody can tell. */
  async reads(used: string): Promise<boolean> {
    return this.used().then(
      (found) => found.join() === used,
      () => false,
    );
  }

  async used(): Promise<readonly bigint[]> {
    return (await this.store.look(TENANT, this.options.bounds)).map((reading) => reading.used);
  }
}

function requestOf(callId: string, costNanoUsd: bigint): AdmissionRequest {
  return {
    call: { callId, caller: CALLER } as Call,
    caller: CALLER,
    userId: undefined,
    user: undefined,
    memo: () => `memo of ${callId}`,
    worstCase: () => ({ tokens: 0, costNanoUsd, leastCostNanoUsd: costNanoUsd }),
  };
}
