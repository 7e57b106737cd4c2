// Module hooks behind `register-ts.mjs`: `./x.js` finds `./x.ts`, and TypeScript is transpiled file by file, types unchecked.
// What was transpiled once is kept in `.cache/ts/`: loading the compiler takes longer than most of what it is needed for.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '..');
const CACHE = path.join(ROOT, '.cache/ts');
const TSCONFIG = path.join(ROOT, 'tsconfig.json');
const compilerVersion = createRequire(import.meta.url)('typescript/package.json').version;
const circumstances = compilerVersion + readFileSync(TSCONFIG, 'utf8');

export async function resolve(specifier, context, nextResolve) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  return { format: 'module', source: await compile(fileURLToPath(url)), shortCircuit: true };
}

async function compile(fileName) {
  const text = await readFile(fileName, 'utf8');
  const digest = createHash('sha256').update(`${circumstances}\0${fileName}\0${text}`).digest('hex');
  const cached = path.join(CACHE, `${digest}.js`);
  if (existsSync(cached)) return readFile(cached, 'utf8');
  const output = await transpile(fileName, text);
  await keep(cached, output);
  return output;
}

let compiler;

async function transpile(fileName, text) {
  compiler ??= import('typescript').then(({ default: ts }) => {
    const { options } = ts.convertCompilerOptionsFromJson(ts.readConfigFile(TSCONFIG, ts.sys.readFile).config.compilerOptions, ROOT);
    const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, moduleResolution: undefined, noEmit: false, inlineSourceMap: true };
    return { ts, compilerOptions };
  });
  const { ts, compilerOptions } = await compiler;
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText;
}

/** Whoever may not write there does without. */
async function keep(file, output) {
  const draft = `${file}.${process.pid}`;
  await mkdir(CACHE, { recursive: true })
    .then(() => writeFile(draft, output))
    .then(() => rename(draft, file))
    .catch(() => undefined);
}
