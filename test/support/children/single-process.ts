// Holds, or waits for, the lock of the one process without Redis on the database at the given address; prints whether it holds it.
import { systemClock } from '../../../src/core/clock.js';
import { Database } from '../../../src/platform/database/database.js';
import { SingleProcess } from '../../../src/platform/database/single-process.js';
import { Readiness } from '../../../src/platform/readiness.js';
import { testConfig } from '../config.js';
import { silentLog } from '../silent-log.js';

const database = await Database.open({ databaseUrl: process.argv[2]!, dataDir: '' }, silentLog, systemClock);
const single = new SingleProcess(database, testConfig(), new Readiness(), systemClock, silentLog);
await single.onModuleInit();
console.log(JSON.stringify({ isHeld: single.isHeld }));
setInterval(() => undefined, 60_000);
