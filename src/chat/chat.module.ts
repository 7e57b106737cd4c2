import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/index.js';
import { ANSWER_CACHE, CacheModule } from '../cache/index.js';
import { KeysModule } from '../keys/index.js';
import { LimitsModule } from '../limits/index.js';
import { ProvidersModule } from '../providers/index.js';
import { ProviderStateModule, TargetHealthModule } from '../routing/index.js';
import { UsageModule } from '../usage/index.js';
import { Admitter } from './admitter.js';
import { Attempts } from './attempts.js';
import { CallPlanner } from './call-planner.js';
import { ChatCompletionsController } from './chat-completions.controller.js';
import { ChatService } from './chat.service.js';
import { CostInterceptor } from './cost.interceptor.js';
import { CountTokensController } from './count-tokens.controller.js';
import { CountTokensService } from './count-tokens.service.js';
import { EmbeddingsController } from './embeddings.controller.js';
import { Heir } from './heir.js';
import { LimitsController } from './limits.controller.js';
import { MessagesController } from './messages.controller.js';
import { TargetPrices } from './target-prices.js';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';
import { ProviderHealth } from './provider-health.js';
import { ProviderStates } from './provider-states.js';
import { ProviderTest, TEST_CALLS } from './provider-test.js';
import { ResponsesController } from './responses.controller.js';
import { Routes } from './routes.js';
import { RouteToggles } from './route-toggles.js';
import { Settler } from './settler.js';
import { TestPlanner } from './test-planner.js';
import { UsageMeter } from './usage-meter.js';

@Module({
  imports: [AlertsModule, KeysModule, ProvidersModule, ProviderStateModule, TargetHealthModule, UsageModule, LimitsModule, CacheModule],
  controllers: [
    ChatCompletionsController,
    ResponsesController,
    MessagesController,
    CountTokensController,
    EmbeddingsController,
    ModelsController,
    LimitsController,
  ],
  providers: [
    ChatService,
    CallPlanner,
    Admitter,
    Heir,
    Attempts,
    Settler,
    UsageMeter,
    ModelsService,
    CountTokensService,
    CostInterceptor,
    RouteToggles,
    ProviderHealth,
    ProviderStates,
    ProviderTest,
    TestPlanner,
    Routes,
    TargetPrices,
    {
      provide: TEST_CALLS,
      useFactory: buildTestCalls,
      inject: [TestPlanner, ANSWER_CACHE, Admitter, Attempts, Settler],
    },
  ],
  exports: [CostInterceptor, RouteToggles, ProviderHealth, ProviderStates, ProviderTest],
})
export class ChatModule {}

/** Calls like all others, but for where they go. */
function buildTestCalls(...parts: ConstructorParameters<typeof ChatService>): ChatService {
  return new ChatService(...parts);
}
