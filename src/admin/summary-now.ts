import { Inject, Injectable } from '@nestjs/common';
import { ProviderStates } from '../chat/index.js';
import { formatUsd } from '../core/money.js';
import { BudgetsService, type BudgetStanding } from '../limits/index.js';
import { CONFIG, type Config, Lifecycle } from '../platform/index.js';
import type { NearBudgetDto, SummaryDto, SummaryProviderDto } from './summary.dto.js';

const NEAR_BUDGETS = 10;
/** Looked at for those that are near their limit: the newest. */
const MOST_BUDGETS = 500;

type PresentFields = 'version' | 'uptime_s' | 'providers' | 'provider_states' | 'budgets_near_limit';

/** How things stand at this moment. */
@Injectable()
export class SummaryNow {
  constructor(
    private readonly budgets: BudgetsService,
    private readonly states: ProviderStates,
    private readonly lifecycle: Lifecycle,
    @Inject(CONFIG) private readonly config: Pick<Config, 'app'>,
  ) {}

  async read(): Promise<Pick<SummaryDto, PresentFields>> {
    const states = this.states.list();
    return {
      version: this.config.app.version,
      uptime_s: this.lifecycle.uptimeSeconds,
      providers: states.map(({ name }) => name).filter((name) => this.states.isConfigured(name)),
      provider_states: states.map(toState),
      budgets_near_limit: await this.nearBudgets(),
    };
  }

  private async nearBudgets(): Promise<NearBudgetDto[]> {
    const active = (await this.budgets.list({ limit: MOST_BUDGETS })).filter(({ isDisabled }) => !isDisabled);
    const near = (await this.budgets.standings(active)).flatMap(toNear);
    return near
      .sort((one, other) => one.shareLeft - other.shareLeft)
      .slice(0, NEAR_BUDGETS)
      .map(({ dto }) => dto);
  }
}

/** Nothing of one that cannot be read at the moment. Of a budget of nothing, nothing is left. */
function toNear({ budget, sums, resetsAt }: BudgetStanding): readonly { readonly shareLeft: number; readonly dto: NearBudgetDto }[] {
  if (!sums) return [];
  const { id, name, scope, subject, limitNanoUsd } = budget;
  const dto = {
    id,
    name,
    scope,
    subject: subject ?? null,
    limit_usd: formatUsd(limitNanoUsd),
    spent_usd: formatUsd(sums.spent),
    held_usd: formatUsd(sums.held),
    remaining_usd: formatUsd(sums.remaining),
    resets_at: resetsAt === undefined ? null : toIso(resetsAt),
  };
  return [{ shareLeft: limitNanoUsd === 0n ? 0 : Number(sums.remaining) / Number(limitNanoUsd), dto }];
}

function toState({ name, enabled, health, breaker }: ReturnType<ProviderStates['list']>[number]): SummaryProviderDto {
  return { name, enabled, health, breaker: breaker.state };
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
