import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../../src/core/clock.js';
import { KeysService, KeysStore } from '../../src/keys/index.js';
import { Database, PrismaService } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const MINUTE_MS = 60_000;
/** What a call may wait for stores in all, and a little for a busy machine. */
const IN_TIME_MS = 250 + 100;

/** Stands between the gateway and its database, and can be cut (refuses), frozen (accepts and says nothing) or whole. */
class Wire {
  private state: 'whole' | 'cut' | 'frozen' = 'whole';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<Wire> {
    const target = new URL(databaseUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const wire = new Wire(server, Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href);
    server.on('connection', (client) => wire.join(client, connect(Number(target.port), target.hostname)));
    return wire;
  }

  set(state: 'whole' | 'cut' | 'frozen'): void {
    this.state = state;
    for (const socket of this.sockets) {
      if (state === 'frozen') socket.pause();
      else socket.destroy();
    }
  }

  async close(): Promise<void> {
    this.set('cut');
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, database: Socket): void {
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk)).on('error', () => to.destroy());
      from.on('close', () => void (this.sockets.delete(from), to.destroy()));
      if (this.state === 'frozen') from.pause();
      if (this.state === 'cut') from.destroy();
    }
  }
}

describe.each(['cut', 'frozen'] as const)('while the database is %s', (fault) => {
  let testDatabase: TestDatabase;
  let wire: Wire;
  let database: Database;
  let prisma: PrismaService;

  beforeAll(async () => {
    testDatabase = await createDatabase();
    wire = await Wire.to(testDatabase.url);
    database = await Database.open({ databaseUrl: wire.url, dataDir: '' }, pino({ level: 'silent' }), systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
  });

  afterEach(() => wire.set('whole'));

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await wire.close();
    await testDatabase.drop();
  });

  it('serves keys it knows for 10 minutes, and only the first call waits', async () => {
    const { keys, clock } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await keys.authenticate(key);
    wire.set(fault);

    clock.ms = MINUTE_MS;
    expect(await inTime(() => keys.authenticate(key))).toMatchObject({ keyName: 'my-app' });
    clock.ms = 10 * MINUTE_MS - 1;
    expect(keys.authenticate(key)).toMatchObject({ keyName: 'my-app' });

    clock.ms = 10 * MINUTE_MS;
    await expect(inTime(() => keys.authenticate(key))).rejects.toMatchObject({ kind: 'service_unavailable' });
  });

  it('does not call an unknown key wrong, and answers in time', async () => {
    const { keys } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    wire.set(fault);

    await expect(inTime(() => keys.authenticate(key))).rejects.toMatchObject({
      kind: 'service_unavailable',
      details: { retryAfterMs: 2_000 },
    });
  });

  it('asks the database again as soon as it is back', async () => {
    const { keys, clock } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });
    await keys.authenticate(key);
    wire.set(fault);
    clock.ms = MINUTE_MS;
    await keys.authenticate(key);
    wire.set('whole');
    await untilAnswered();
    await new KeysStore(prisma).revoke(record.publicId, 0);

    clock.ms += 1_000;
    await Promise.resolve(keys.authenticate(key)).catch(() => undefined);

    await expect(untilRefused(keys, key)).resolves.toBe('unauthenticated');
  });

  function gateway() {
    const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
    const config = { keys: { clients: [], admins: [], metricsToken: undefined, secretKeys: [] } };
    return { clock, keys: new KeysService(new KeysStore(prisma), config, clock, pino({ level: 'silent' })) };
  }

  async function untilAnswered(): Promise<void> {
    while (!(await prisma.apiKey.count().then(Boolean, () => false))) await nextTurn();
  }
});

/** A renewal runs behind the calls that it will refuse, so the test calls on until it has come through. */
async function untilRefused(keys: KeysService, key: string): Promise<string> {
  for (;;) {
    try {
      await keys.authenticate(key);
      await nextTurn();
    } catch (error) {
      return (error as { kind: string }).kind;
    }
  }
}

async function inTime<T>(work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
