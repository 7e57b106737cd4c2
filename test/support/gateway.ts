import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo, Socket } from 'node:net';
import { createApp } from '../../src/app.js';
import type { ProviderConfig } from '../../src/platform/config/provider-config.js';
import { Secret } from '../../src/platform/config/secret.js';
import { testConfig, testProvider, type ConfigOverrides } from './config.js';
import { createDatabase } from './database.js';
import { Ledger } from './gateway/ledger.js';
import { LogCapture } from './gateway/log-capture.js';

export const CLIENT_KEY = 'client-key-k3v9x2m7q8w1';
export const OTHER_KEY = 'other-key-p0o9i8u7y6t5';
export const ADMIN_KEY = 'admin-key-z6y5x4w3v2u1';
export const METRICS_TOKEN = 'metrics-token-a1b2c3d4e5';
export const PROVIDER_KEY = 'sk-provider-f6g7h8j9k0l1';

/** A real, whole gateway in this process, on a free port and a database of its own. */
export interface TestGateway {
  readonly app: NestFastifyApplication;
  readonly baseUrl: string;
  readonly logs: LogCapture;
  readonly ledger: Ledger;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

export async function startGateway(overrides: ConfigOverrides = {}): Promise<TestGateway> {
  const database = await createDatabase();
  const logs = new LogCapture();
  const config = testConfig({
    ...overrides,
    database: { url: new Secret(database.url) },
    log: { level: 'info', ...overrides.log },
    keys: {
      clients: [named('client', CLIENT_KEY), named('other', OTHER_KEY)],
      admins: [named('admin', ADMIN_KEY)],
      metricsToken: new Secret(METRICS_TOKEN),
      ...overrides.keys,
    },
  });
  const app = await createApp(config, { logDestination: logs });
  const sockets = new Set<Socket>();
  app.getHttpServer().on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  await app.listen(config.http.port, config.http.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const ledger = Ledger.open(database.url);
  const stop = async (): Promise<void> => {
    // `fetch` opens a connection that it does not use when it has aborted a call; `stop.spec.ts` shows what such a one does.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    await app.close();
    await ledger.close();
    await database.drop();
  };
  return { app, baseUrl: `http://127.0.0.1:${port}`, logs, ledger, databaseUrl: database.url, stop };
}

/** A provider that speaks OpenAI's dialect at the given address and lists every model named `scripted…`. */
export function scriptedProvider(baseUrl: string, overrides: Partial<ProviderConfig> = {}): ProviderConfig {
  return testProvider({
    name: 'scripted',
    type: 'openai-compatible',
    baseUrl,
    apiKeys: [new Secret(PROVIDER_KEY)],
    models: ['scripted*'],
    ...overrides,
  });
}

function named(name: string, key: string): { readonly name: string; readonly key: Secret } {
  return { name, key: new Secret(key) };
}
