import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DestinationStream } from 'pino';
import { AppModule, rendererFor } from './app.module.js';
import { type Clock, systemClock } from './core/clock.js';
import { serveOpenApi } from './openapi.js';
import {
  type Config,
  createHttpAdapter,
  Lifecycle,
  LiveConfig,
  type LogOutput,
  openLog,
  prepareHttp,
  validationPipe,
} from './platform/index.js';

/** What a test, or an embedder, may put in the place of the real thing. */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly logOutput?: LogOutput;
  /** Where log lines go instead of stdout. */
  readonly logDestination?: DestinationStream;
}

/** The whole application, ready to listen. Stores are connected; nothing is served yet. A `LiveConfig` can change while it runs. */
export async function createApp(given: Config | LiveConfig, overrides: AppOverrides = {}): Promise<NestFastifyApplication> {
  const clock = overrides.clock ?? systemClock;
  const live = given instanceof LiveConfig ? given : LiveConfig.of(given, clock);
  const config = live.current;
  const logOutput = overrides.logOutput ?? openLog(config, overrides.logDestination);
  const adapter = createHttpAdapter(config, clock, rendererFor);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with({ config: live, clock, logOutput }), adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  app.useGlobalPipes(validationPipe());
  await prepareHttp(app, config);
  serveOpenApi(app, config.app.version);
  const lifecycle = app.get(Lifecycle);
  app.getHttpServer().once('listening', () => lifecycle.markStarted());
  await app.init();
  return app;
}
