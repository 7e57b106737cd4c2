// Builds if there is no build, or if what it is made of has changed since: a second start need not wait for the compiler.
// Says nothing unless the build fails.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const GENERATED = path.join('src', 'platform', 'database', 'generated');
const INGREDIENTS = ['src', 'prisma/schema.prisma', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
const RESULTS = ['dist/main.js', 'dist/cli/main.js'];

/** Folders count too: a file that is deleted or renamed changes the time of its folder alone. */
function changedMs(name) {
  const file = path.join(root, name);
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inner = readdirSync(file).map((child) => path.join(name, child));
  return Math.max(stat.mtimeMs, ...inner.filter((child) => child !== GENERATED).map(changedMs));
}

function isBuilt() {
  if (!RESULTS.every((name) => existsSync(path.join(root, name)))) return false;
  const builtMs = Math.min(...RESULTS.map((name) => statSync(path.join(root, name)).mtimeMs));
  return INGREDIENTS.every((name) => changedMs(name) < builtMs);
}

if (!isBuilt()) {
  const { status, stdout, stderr } = spawnSync('npm run -s build', { cwd: root, shell: true, encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = status ?? 1;
}
