import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/index.js';
import { ProvidersModule } from '../providers/index.js';
import { SummaryController } from './summary.controller.js';
import { SummaryStore } from './summary.store.js';

@Module({ imports: [ProvidersModule, LimitsModule], controllers: [SummaryController], providers: [SummaryStore] })
export class AdminModule {}
