// `npm run check [-- <step>… | --except <step>…]`: all that must be true of the repository and needs no server to be seen.
// Steps run side by side, as many as there are cores; what a step prints is shown only if it fails.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { isGenerated, root } from './check-fresh.mjs';

const binaries = path.join(root, 'node_modules', '.bin');
const typescript = 'node --import ./scripts/register-ts.mjs';

/** The long ones first, so that the short ones fill the gaps. */
const STEPS = new Map([
  ['openapi', 'node scripts/check-built.mjs && node scripts/openapi.mjs --check'],
  ['unit', 'npm run -s test:unit'],
  ['types', 'tsc --noEmit --incremental --tsBuildInfoFile .cache/types.tsbuildinfo'],
  ['bench-types', 'tsc -p bench --incremental --tsBuildInfoFile .cache/bench-types.tsbuildinfo'],
  ['dead-code', 'knip --no-progress'],
  ['schema', 'node scripts/prisma-diff.mjs check'],
  ['format', 'prettier --check --log-level warn --cache --cache-location .cache/prettier .'],
  ['ranks', 'depcruise --output-type err src test bench scripts'],
  ['settings', `${typescript} scripts/settings.ts --check`],
  ['dialects', `${typescript} scripts/dialects.ts --check`],
  ['errors', `${typescript} scripts/errors.ts --check`],
  ['lint', 'oxlint --format unix'],
  ['habits', 'node scripts/check-habits.mjs'],
]);

function run(command) {
  const env = { ...process.env, PATH: `${binaries}${path.delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => resolve({ ok: false, output: `${error.message}\n`, seconds: 0 }));
    child.once('close', (code) =>
      resolve({ ok: code === 0, output: Buffer.concat(output).toString(), seconds: (performance.now() - begun) / 1000 }),
    );
  });
}

function report(name, { ok, seconds }) {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(11)} ${seconds.toFixed(1).padStart(6)} s\n`);
}

function chosen(words) {
  const except = words[0] === '--except';
  const named = except ? words.slice(1) : words;
  const unknown = named.filter((name) => !STEPS.has(name));
  if (unknown.length > 0) throw new Error(`No step is called ${unknown.join(', ')}. There are: ${[...STEPS.keys()].join(', ')}.`);
  return [...STEPS.keys()].filter((name) => named.length === 0 || named.includes(name) !== except);
}

async function generate() {
  if (isGenerated()) return true;
  const result = await run('npm run -s generate');
  report('generate', result);
  if (!result.ok) process.stdout.write(result.output);
  return result.ok;
}

async function checkAll(names) {
  const waiting = [...names];
  const failed = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await run(STEPS.get(name));
      report(name, result);
      if (!result.ok) failed.push([name, result.output]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return failed;
}

const names = chosen(process.argv.slice(2));
const begun = performance.now();
if (await generate()) {
  const failed = await checkAll(names);
  for (const [name, output] of failed) process.stdout.write(`\n--- ${name} ---\n${output}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`check: ${names.length - failed.length} of ${names.length} steps passed in ${seconds} s\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} else {
  process.exitCode = 1;
}
