import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config, DatabaseConfig, HttpConfig } from '../config.js';
import type { Reading } from './reading.js';

const PACKAGE = new URL('../../../../package.json', import.meta.url);

export function toApp({ environment: { values } }: Reading): Config['app'] {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  return { name: values.APP_NAME, environment: values.APP_ENV, version };
}

export function toHttp({ environment: { values } }: Reading): HttpConfig {
  return {
    host: values.HOST,
    port: values.PORT,
    maxBodyBytes: values.MAX_BODY_BYTES,
    corsOrigins: values.CORS_ORIGINS ?? [],
    trustProxy: values.TRUST_PROXY ?? [],
    keepAliveIntervalMs: values.KEEP_ALIVE_INTERVAL_MS,
    maxCallsInFlight: values.MAX_CALLS_IN_FLIGHT,
  };
}

export function toDatabase({ environment: { values }, cwd }: Reading): DatabaseConfig {
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl, TOLLGATE_DATA_DIR: dataDir, SPOOL_MAX_BYTES: spoolMaxBytes } = values;
  return { url, directUrl, dataDir: resolve(cwd, dataDir), spoolMaxBytes };
}

export function toRedis({ environment: { values, set }, findings }: Reading): Config['redis'] {
  if (set.has('REDIS_URL') && !set.has('DATABASE_URL')) {
    findings.problems.push('REDIS_URL: needs DATABASE_URL too; replicas that share a Redis must share a database');
  }
  return { url: values.REDIS_URL, cacheUrl: values.CACHE_REDIS_URL, whenDown: values.ON_REDIS_DOWN };
}

export function toWorkers({ environment: { values, set }, findings }: Reading): Config['workers'] {
  if (values.WORKERS !== 1 && !set.has('REDIS_URL')) findings.problems.push('WORKERS: more than one needs REDIS_URL');
  return values.WORKERS;
}

export function toTelemetry({ environment: { values } }: Reading): Config['telemetry'] {
  return {
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    otlpHeaders: values.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: values.OTEL_SERVICE_NAME ?? values.APP_NAME,
  };
}
