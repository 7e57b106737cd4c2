import 'reflect-metadata';
import { runCli } from './cli.js';

void runCli(process.argv.slice(2), { out: process.stdout, error: process.stderr }).then((exitCode) => {
  process.exitCode = exitCode;
});
