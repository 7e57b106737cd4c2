import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AdminModule } from './admin/index.js';
import { AlertsModule } from './alerts/index.js';
import { CacheModule } from './cache/index.js';
import { ChatModule } from './chat/index.js';
import { DIALECTS } from './dialects/index.js';
import { HealthModule } from './health/index.js';
import { KeyGuard, KeysModule } from './keys/index.js';
import { LimitsModule } from './limits/index.js';
import {
  ERROR_RENDERER,
  ErrorFilter,
  type ErrorRendererFor,
  type Foundations,
  LoggingInterceptor,
  PlatformModule,
} from './platform/index.js';
import { LedgerAlarm } from './ledger-alarm.js';
import { ProvidersModule } from './providers/index.js';
import { UsageModule } from './usage/index.js';

const MESSAGES = /^\/(?:api\/)?v1\/messages(?:[/?]|$)/;
const MODELS = /^\/(?:api\/)?v1\/models(?:[/?]|$)/;

/** Errors outside a model call have the shape of the dialect that the route belongs to; the models belong to whoever asks. */
export const rendererFor: ErrorRendererFor = ({ url, headers }) => {
  const isAnthropic = MESSAGES.test(url) || (headers['anthropic-version'] !== undefined && MODELS.test(url));
  return DIALECTS[isAnthropic ? 'anthropic-messages' : 'openai-chat'].toError;
};

@Module({})
export class AppModule {
  static with(foundations: Foundations): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(foundations),
        KeysModule,
        LimitsModule,
        ProvidersModule,
        UsageModule,
        AlertsModule,
        CacheModule,
        ChatModule,
        AdminModule,
        HealthModule,
      ],
      providers: [
        { provide: ERROR_RENDERER, useValue: rendererFor },
        { provide: APP_GUARD, useExisting: KeyGuard },
        { provide: APP_INTERCEPTOR, useClass: LoggingInterceptor },
        { provide: APP_FILTER, useClass: ErrorFilter },
        LedgerAlarm,
      ],
    };
  }
}
