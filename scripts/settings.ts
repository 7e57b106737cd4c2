// Writes docs/configuration.md and .env.example from the tables that the gateway reads its configuration by.
// With --check it writes nothing: it fails if either file says something else, or if code under src/ reads a variable without a row.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { ENVIRONMENT_GROUPS } from '../src/platform/config/environment/environment.js';
import { toConfigurationPage } from '../src/platform/config/pages/configuration-page.js';
import { toEnvExample } from '../src/platform/config/pages/env-example.js';

const root = path.resolve(import.meta.dirname, '..');
const COMMAND = 'node --import ./scripts/register-ts.mjs scripts/settings.ts';
/** What a child process needs of the operating system is no setting of ours. */
const OF_THE_SYSTEM = ['PATH', 'SystemRoot'];
const NAMED_READ = /process\.env(?:\.(\w+)|\[['"](\w+)['"]\])/g;
const TAKEN_APART = /\{([^{}]*)\}\s*=\s*process\.env\b/g;

async function toFiles(): Promise<ReadonlyMap<string, string>> {
  const page = path.join(root, 'docs/configuration.md');
  const style = await prettier.resolveConfig(page);
  const example = readFileSync(path.join(root, 'tollgate.example.yaml'), 'utf8');
  const text = await prettier.format(toConfigurationPage(example), { ...style, filepath: page });
  return new Map([
    ['docs/configuration.md', text],
    ['.env.example', toEnvExample()],
  ]);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch {
    return '';
  }
}

function unknownReads(): readonly string[] {
  const known = new Set([...OF_THE_SYSTEM, ...ENVIRONMENT_GROUPS.flatMap(({ rows }) => Object.keys(rows))]);
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, 'src', file), 'utf8');
    const direct = [...text.matchAll(NAMED_READ)].map(([, dotted, quoted]) => dotted ?? quoted ?? '');
    const apart = [...text.matchAll(TAKEN_APART)].flatMap(([, names = '']) => names.split(',').map((name) => /\w+/.exec(name)?.[0] ?? ''));
    const unknown = [...direct, ...apart].filter((name) => name !== '' && !known.has(name));
    return unknown.map((name) => `src/${file}: reads ${name}, which has no row in src/platform/config/environment: give it one`);
  });
}

async function check(): Promise<readonly string[]> {
  const files = [...(await toFiles())];
  const stale = files.filter(([file, text]) => readIfThere(file) !== text);
  return [...stale.map(([file]) => `${file} is not what the configuration's tables say: run \`${COMMAND}\``), ...unknownReads()];
}

if (process.argv.includes('--check')) {
  const faults = await check();
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of await toFiles()) writeFileSync(path.join(root, file), text);
}
