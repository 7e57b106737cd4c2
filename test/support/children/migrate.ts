// Applies the migrations to the database at the given address and prints the names of those that it applied.
import { migrate } from '../../../src/platform/database/migrations.js';

console.log(JSON.stringify(await migrate(process.argv[2]!)));
