// Writes openapi.json from the built application, or with --check says whether the committed one still fits.
// It needs the build: the descriptions of fields come from comments, which only the compiler's plugin reads.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'openapi.json');
const { describeApi } = await import(path.join(root, 'dist/describe-api.js'));

const document = `${JSON.stringify(await describeApi(), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  await writeFile(target, document);
} else if ((await readFile(target, 'utf8').catch(() => '')) !== document) {
  process.stderr.write('openapi.json does not fit the code. Run: npm run openapi\n');
  process.exitCode = 1;
}
process.exit();
