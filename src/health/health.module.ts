import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ChatModule } from '../chat/index.js';
import { ProvidersModule } from '../providers/index.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MetricsController } from './metrics.controller.js';
import { ProbesController } from './probes.controller.js';
import { ProviderGauges } from './provider-gauges.js';
import { ProvidersController } from './providers.controller.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ProvidersModule, ChatModule],
  controllers: [HealthController, ProbesController, MetricsController, ProvidersController],
  providers: [HealthService, ProviderGauges],
})
export class HealthModule {}
