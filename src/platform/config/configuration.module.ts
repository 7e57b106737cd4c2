import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { CONFIG } from './config.js';
import { LiveConfig } from './live/live-config.js';

/** Gives every room the one configuration that was read before Nest existed; nothing reads the environment later. */
@Global()
@Module({})
export class ConfigurationModule {
  static with(live: LiveConfig): DynamicModule {
    return {
      module: ConfigurationModule,
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, skipProcessEnv: true, load: [() => live.current] })],
      providers: [
        { provide: CONFIG, useValue: live.view },
        { provide: LiveConfig, useValue: live },
      ],
      exports: [CONFIG, LiveConfig],
    };
  }
}
