// A gateway's worth of embedded Postgres in a process of its own: prints where it is and stays until it is killed.
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../../src/platform/database/embedded-postgres.js';

const postgres = await EmbeddedPostgres.start({ dataDir: process.argv[2]!, durable: false, log: pino({ level: 'silent' }) });
console.log(JSON.stringify({ url: postgres.url, home: postgres.home, pid: postgres.pid, isOurs: postgres.isOurs }));
process.on('SIGTERM', () => void postgres.stop().then(() => process.exit()));
setInterval(() => undefined, 60_000);
