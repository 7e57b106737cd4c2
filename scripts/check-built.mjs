// Builds if there is no build, or if what it is made of has changed since: a second start need not wait for the compiler.
// Says nothing unless the build fails.
import { spawnSync } from 'node:child_process';
import { isBuilt, isGenerated, root } from './check-fresh.mjs';

function run(command) {
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, shell: true, encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  return status === 0;
}

const isReady = (isGenerated() || run('npm run -s generate')) && (isBuilt() || run('npx nest build'));
process.exitCode = isReady ? 0 : 1;
