import { Module } from '@nestjs/common';
import { ChatModule } from '../chat/index.js';
import { KeysModule } from '../keys/index.js';
import { LimitsModule } from '../limits/index.js';
import { ProvidersModule } from '../providers/index.js';
import { ConfigController } from './config.controller.js';
import { AdminKeysController } from './keys.controller.js';
import { AdminProvidersController } from './providers.controller.js';
import { AdminProvidersService } from './providers.service.js';
import { SummaryController } from './summary.controller.js';
import { SummaryStore } from './summary.store.js';

@Module({
  imports: [ProvidersModule, LimitsModule, ChatModule, KeysModule],
  controllers: [SummaryController, ConfigController, AdminProvidersController, AdminKeysController],
  providers: [SummaryStore, AdminProvidersService],
})
export class AdminModule {}
