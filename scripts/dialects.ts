// Writes docs/dialects.md from the tables that the gateway translates by. With --check it writes nothing: it fails if the page says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { toDialectsPage } from './dialects-page.js';

const FILE = 'docs/dialects.md';
const page = path.resolve(import.meta.dirname, '..', FILE);

async function toText(): Promise<string> {
  const style = await prettier.resolveConfig(page);
  return prettier.format(toDialectsPage(), { ...style, filepath: page });
}

function readIfThere(): string {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return '';
  }
}

const text = await toText();
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readIfThere() !== text) {
  process.stdout.write(`${FILE} is not what the tables of the dialects say: run \`npm run dialects\`\n`);
  process.exitCode = 1;
}
