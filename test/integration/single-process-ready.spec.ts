import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { Readiness } from '../../src/platform/index.js';
import { Secret } from '../../src/platform/config/secret.js';
import { testConfig } from '../support/config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

describe('/health/ready', () => {
  let target: TestDatabase;
  const apps: NestFastifyApplication[] = [];

  beforeEach(async () => {
    target = await createDatabase();
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await target.drop();
  });

  /** A whole gateway without Redis, which listens. */
  async function boot(): Promise<NestFastifyApplication> {
    const app = await createApp(testConfig({ database: { url: new Secret(target.url) } }));
    apps.push(app);
    await app.listen(0, '127.0.0.1');
    return app;
  }

  it('says no, and why, while another gateway without Redis uses the database, and yes when that is gone', async () => {
    const [first, second] = [await boot(), await boot()];

    expect((await first.inject('/health/ready')).statusCode).toBe(200);
    const waiting = await second.inject('/health/ready');
    expect(waiting.statusCode).toBe(503);
    const message = 'Another gateway without Redis uses this database; set REDIS_URL to run several.';
    expect(waiting.json()).toMatchObject({ error: { single_process: { status: 'down', message } } });

    await apps.shift()!.close();
    await eventually(async () => (await second.inject('/health/ready')).statusCode === 200);
  });

  it('says no for each thing that a room requires and that is not so', async () => {
    const app = await boot();
    let problem: string | undefined = 'Redis may evict budgets.';
    app.get(Readiness).require('budgets', () => problem);

    const refused = await app.inject('/health/ready');
    problem = undefined;
    const admitted = await app.inject('/health/ready');

    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ status: 'error', error: { budgets: { status: 'down', message: 'Redis may evict budgets.' } } });
    expect(admitted.statusCode).toBe(200);
    expect(admitted.json()).toMatchObject({ info: { budgets: { status: 'up' } } });
  });
});
