import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { type Actor, CONFIG, type Config } from '../../platform/index.js';
import type { Budget } from './budget.js';
import { type BudgetChanges, type BudgetWishes, changedBudget, resetBudget, toBudget } from './budget-changes.js';
import { BUDGET_READINGS, type BudgetReadings, type BudgetStanding, readStandings } from './budget-standing.js';
import { type BudgetDeed, type BudgetQuestion, BudgetsStore } from './budgets.store.js';
import { LiveBudgets } from './live-budgets.js';

/**
 * The budgets, and what administrators do with them. A change is in effect here when it resolves, and in other processes within a
 * second. Whatever is thrown for another reason than the request itself is `service_unavailable`; undefined = there is no such budget.
 */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly store: BudgetsStore,
    @Inject(LiveBudgets) private readonly live: Pick<LiveBudgets, 'refresh'>,
    @Inject(BUDGET_READINGS) private readonly readings: BudgetReadings,
    @Inject(CONFIG) private readonly config: Pick<Config, 'keys'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `invalid_request` where the wishes do not go with each other, or name nobody. */
  async create(wishes: BudgetWishes, by: Actor): Promise<Budget> {
    const wished = toBudget(wishes, this.clock.now());
    const budget = await confirmed(this.store.insert(wished, by, this.staticKeyIds()));
    await this.live.refresh(budget.id);
    return budget;
  }

  list(question: BudgetQuestion): Promise<readonly Budget[]> {
    return answered(this.store.list(question));
  }

  find(id: string): Promise<Budget | undefined> {
    return answered(this.store.find(id));
  }

  change(id: string, changes: BudgetChanges, by: Actor): Promise<Budget | undefined> {
    return this.apply(id, { by, action: 'change' }, (budget) => changedBudget(budget, changes, this.clock.now()));
  }

  /** What was spent and is held so far does not count any more. */
  reset(id: string, by: Actor): Promise<Budget | undefined> {
    return this.apply(id, { by, action: 'reset' }, (budget) => resetBudget(budget, this.clock.now()));
  }

  delete(id: string, by: Actor): Promise<Budget | undefined> {
    return this.apply(id, { by, action: 'delete' }, () => undefined);
  }

  /** In the order of `budgets`. */
  async standings(budgets: readonly Budget[]): Promise<readonly BudgetStanding[]> {
    const keyIds = budgets.flatMap(({ scope, subject }) => (scope === 'key' ? [subject!] : []));
    const teams = await answered(this.store.tenantsOf(keyIds));
    const tenantOf = ({ scope, tenant, subject }: Budget): string | undefined =>
      tenant ?? (scope === 'key' ? teams.get(subject!) : undefined) ?? subject;
    return readStandings(budgets, tenantOf, this.readings, this.clock.now());
  }

  private async apply(id: string, deed: BudgetDeed, decide: (before: Budget) => Budget | undefined): Promise<Budget | undefined> {
    const budget = await confirmed(this.store.change(id, deed, decide));
    if (budget) await this.live.refresh(budget.id);
    return budget;
  }

  /** As callers have them who come with a key of the environment. */
  private staticKeyIds(): readonly string[] {
    const { clients, admins } = this.config.keys;
    return [...clients.map(({ name }) => `client:${name}`), ...admins.map(({ name }) => `admin:${name}`)];
  }
}

function confirmed<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database did not confirm the change. Look whether it was made, and try again if not.');
}

function answered<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database does not answer. Try again in a moment.');
}

async function orUnavailable<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('service_unavailable', message, { retryAfterMs: 1_000, cause });
  }
}
