import { systemClock } from '../../src/core/clock.js';
import { Audit, Database, Notifications, PrismaService, Toggles } from '../../src/platform/index.js';
import { TogglesStore } from '../../src/platform/toggles/toggles.store.js';
import { silentLog } from './silent-log.js';

/** What one process of the gateway stands on, without the gateway. */
export interface Replica {
  readonly database: Database;
  readonly prisma: PrismaService;
  readonly notifications: Notifications;
  readonly audit: Audit;
  readonly toggles: Toggles;
  /** Begins to listen and reads the toggles, as at start. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** `directUrl` is what it listens by, where that is another address. */
export async function openReplica(url: string, directUrl = url): Promise<Replica> {
  const database = await Database.open({ databaseUrl: url, databaseDirectUrl: directUrl, dataDir: '' }, silentLog, systemClock);
  const prisma = new PrismaService(database);
  const notifications = new Notifications(database, systemClock, silentLog);
  const audit = new Audit(prisma, systemClock);
  const toggles = new Toggles(new TogglesStore(prisma, audit, systemClock), notifications, database, silentLog);
  return {
    database,
    prisma,
    notifications,
    audit,
    toggles,
    start: async () => {
      await prisma.onModuleInit();
      notifications.onModuleInit();
      await toggles.onModuleInit();
    },
    stop: async () => {
      toggles.onApplicationShutdown();
      await notifications.onApplicationShutdown();
      await prisma.$disconnect();
      await database.close();
    },
  };
}
