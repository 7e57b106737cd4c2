import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { ChatModule } from '../chat/index.js';
import { KeysModule } from '../keys/index.js';
import { LimitsModule } from '../limits/index.js';
import { ProvidersModule } from '../providers/index.js';
import { UsageModule } from '../usage/index.js';
import { AdminAlertsController } from './alerts.controller.js';
import { AdminBudgetsController } from './budgets.controller.js';
import { ConfigController } from './config.controller.js';
import { DeniedTokensController } from './denied-tokens.controller.js';
import { AdminKeysController } from './keys.controller.js';
import { AdminProvidersController } from './providers.controller.js';
import { AdminProvidersService } from './providers.service.js';
import { AdminRequestsController } from './requests.controller.js';
import { AdminPricesController } from './prices.controller.js';
import { AdminPricesService } from './prices.service.js';
import { AdminTeamsController } from './teams.controller.js';
import { AdminUsageController } from './usage.controller.js';
import { AdminUsersController } from './users.controller.js';
import { SummaryController } from './summary.controller.js';
import { SummaryNow } from './summary-now.js';
import { SummaryService } from './summary.service.js';
import { SummaryStore } from './summary.store.js';
import { AdminWebhooksController } from './webhooks.controller.js';

@Module({
  imports: [ProvidersModule, LimitsModule, ChatModule, KeysModule, AlertsModule, UsageModule],
  controllers: [
    SummaryController,
    ConfigController,
    AdminProvidersController,
    AdminKeysController,
    AdminBudgetsController,
    AdminPricesController,
    DeniedTokensController,
    AdminAlertsController,
    AdminWebhooksController,
    AdminTeamsController,
    AdminUsersController,
    AdminRequestsController,
    AdminUsageController,
  ],
  providers: [SummaryStore, SummaryService, SummaryNow, AdminProvidersService, AdminPricesService],
})
export class AdminModule {}
