import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { CONFIG, type Config } from './config.js';

/** Gives every room the one configuration that was read before Nest existed; nothing reads the environment later. */
@Global()
@Module({})
export class ConfigurationModule {
  static with(config: Config): DynamicModule {
    return {
      module: ConfigurationModule,
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, skipProcessEnv: true, load: [() => config] })],
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
