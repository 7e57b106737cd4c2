import 'reflect-metadata';
import { runCli } from './cli.js';

// A database that is away is waited for without anything that keeps a process alive; a command has to see the end of it.
const alive = setInterval(() => undefined, 60_000);

const surroundings = { out: process.stdout, error: process.stderr, sources: { env: process.env, cwd: process.cwd() } };
void runCli(process.argv.slice(2), surroundings).then((exitCode) => {
  process.exitCode = exitCode;
  clearInterval(alive);
});
