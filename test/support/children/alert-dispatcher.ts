import { alertsOver } from '../alerts.js';
import { openReplica } from '../replica.js';

/** A process that delivers the alerts of the database at the given address, until it is killed. */
const replica = await openReplica(process.argv[2]!);
await replica.start();
alertsOver(replica).dispatcher.onModuleInit();
// Nothing else keeps it alive.
setInterval(() => undefined, 60_000);
console.log(JSON.stringify('started'));
