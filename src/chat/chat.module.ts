import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { PROVIDERS, type Providers } from '../core/provider.js';
import { LimitsModule } from '../limits/index.js';
import { CONFIG, type Config } from '../platform/index.js';
import { ProvidersModule } from '../providers/index.js';
import { ModelCatalogue, ProviderStateModule, RoutePlanner } from '../routing/index.js';
import { PriceBook, UsageModule } from '../usage/index.js';
import { Attempts } from './attempts.js';
import { CallPlanner } from './call-planner.js';
import { ChatCompletionsController } from './chat-completions.controller.js';
import { ChatService } from './chat.service.js';
import { CostInterceptor } from './cost.interceptor.js';
import { CountTokensController } from './count-tokens.controller.js';
import { CountTokensService } from './count-tokens.service.js';
import { EmbeddingsController } from './embeddings.controller.js';
import { MessagesController } from './messages.controller.js';
import { ModelsController } from './models.controller.js';
import { ModelsService } from './models.service.js';
import { ResponsesController } from './responses.controller.js';
import { Settler } from './settler.js';

@Module({
  imports: [ProvidersModule, ProviderStateModule, UsageModule, LimitsModule, CacheModule],
  controllers: [
    ChatCompletionsController,
    ResponsesController,
    MessagesController,
    CountTokensController,
    EmbeddingsController,
    ModelsController,
  ],
  providers: [
    ChatService,
    CallPlanner,
    Attempts,
    Settler,
    ModelsService,
    CountTokensService,
    CostInterceptor,
    { provide: RoutePlanner, useFactory: buildPlanner, inject: [CONFIG, PROVIDERS, PriceBook, CLOCK] },
  ],
})
export class ChatModule {}

/** Joins what routing must not know from usage: the models that the price lists know of each provider. */
function buildPlanner(config: Pick<Config, 'models' | 'routing'>, providers: Providers, prices: PriceBook, clock: Clock): RoutePlanner {
  const known = [...providers.values()].map(
    (provider) => [provider.name, prices.catalogue(provider.type, clock.now()).map(({ id }) => id)] as const,
  );
  return new RoutePlanner(config, providers, new ModelCatalogue(providers, new Map(known)));
}
