/** What a cell may hold; null is an empty one. Texts come from outside. */
export type Cell = string | number | bigint | boolean | null;

/** Spreadsheets take what begins so for a formula, and would run it. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** A line as RFC 4180 has it, its end included. Texts that would be formulas get an apostrophe in front. */
export function toCsvLine(cells: readonly Cell[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

function toCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
