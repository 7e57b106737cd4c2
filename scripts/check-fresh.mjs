// Is what is made from the source still newer than the source?
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const GENERATED = path.join('src', 'platform', 'database', 'generated');

/** The database client, which is made from the schema and is not in the repository. Everything that reads types needs it. */
export function isGenerated() {
  return isNewer([path.join(GENERATED, 'client.ts')], ['prisma/schema.prisma', 'package-lock.json']);
}

export function isBuilt() {
  const ingredients = ['src', 'prisma/schema.prisma', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
  return isNewer(['dist/main.js', 'dist/cli/main.js'], ingredients);
}

function isNewer(results, ingredients) {
  if (!results.every((name) => existsSync(path.join(root, name)))) return false;
  const madeMs = Math.min(...results.map((name) => statSync(path.join(root, name)).mtimeMs));
  return ingredients.every((name) => changedMs(name) < madeMs);
}

/** Folders count too: a file that is deleted or renamed changes the time of its folder alone. */
function changedMs(name) {
  const file = path.join(root, name);
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inner = readdirSync(file).map((child) => path.join(name, child));
  return Math.max(stat.mtimeMs, ...inner.filter((child) => child !== GENERATED).map(changedMs));
}
