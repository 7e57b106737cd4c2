import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { PROVIDERS, type Providers } from '../core/provider.js';
import { Access, ADMIN, ApiErrors, CONFIG, type Config, Lifecycle } from '../platform/index.js';
import { SummaryDto, SummaryQueryDto } from './summary.dto.js';
import { SummaryStore } from './summary.store.js';

const HOUR_MS = 3_600_000;

@ApiTags('Administration')
@Controller(ADMIN)
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class SummaryController {
  constructor(
    private readonly store: SummaryStore,
    private readonly lifecycle: Lifecycle,
    @Inject(PROVIDERS) private readonly providers: Providers,
    @Inject(CONFIG) private readonly config: Pick<Config, 'app'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('summary')
  @ApiOperation({ summary: 'The system at a glance', description: 'Calls, tokens, cost, latency and the top of each over the last hours.' })
  @ApiOkResponse({ type: SummaryDto })
  @ApiErrors(400, 401, 403, 429)
  async summary(@Query() { window_hours }: SummaryQueryDto): Promise<SummaryDto> {
    const since = new Date(this.clock.now() - window_hours * HOUR_MS);
    const [totals, top_models, top_keys, top_users] = await Promise.all([
      this.store.totals(since),
      this.store.topModels(since),
      this.store.topKeys(since),
      this.store.topUsers(since),
    ]);
    const now = { version: this.config.app.version, uptime_s: this.lifecycle.uptimeSeconds, providers: [...this.providers.keys()] };
    return { ...now, window_hours, ...totals, top_models, top_keys, top_users };
  }
}
