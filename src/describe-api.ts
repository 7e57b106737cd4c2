import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule, rendererFor } from './app.module.js';
import { systemClock } from './core/clock.js';
import { openApiOf } from './openapi.js';
import { createHttpAdapter, LiveConfig, openLog } from './platform/index.js';

/** The OpenAPI document without a running gateway: modules are read, nothing is connected. */
export async function describeApi(): Promise<OpenAPIObject> {
  const live = LiveConfig.load({ env: { LOG_LEVEL: 'silent' }, cwd: '/' }, systemClock);
  const config = live.current;
  const foundations = { config: live, clock: systemClock, logOutput: openLog(config) };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(foundations),
    createHttpAdapter(config, systemClock, rendererFor),
    {
      preview: true,
      logger: false,
      abortOnError: false,
    },
  );
  return openApiOf(app, config.app.version);
}
