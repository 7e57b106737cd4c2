// What the scripts that write pages under docs/ have in common.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';

export interface GeneratedPage {
  /** From the top of the repository: `docs/dialects.md`. */
  readonly file: string;
  /** Markdown that is still to be formatted. */
  readonly text: string;
  /** What it is made from, for who changed that and not the page. */
  readonly source: string;
  readonly command: string;
}

/** Writes the page. With `--check` on the command line it writes nothing: it fails if the page says something else. */
export async function writeOrCheck({ file, text, source, command }: GeneratedPage): Promise<void> {
  const page = path.resolve(import.meta.dirname, '..', file);
  const style = await prettier.resolveConfig(page);
  const formatted = await prettier.format(text, { ...style, filepath: page });
  if (!process.argv.includes('--check')) writeFileSync(page, formatted);
  else if (readIfThere(page) !== formatted) {
    process.stdout.write(`${file} is not what ${source} say: run \`${command}\`\n`);
    process.exitCode = 1;
  }
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function readIfThere(page: string): string {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return '';
  }
}
