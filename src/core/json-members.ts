import { GatewayError } from './errors.js';

/** Where a member of a JSON object stands in its bytes: `[keyStart, valueEnd)` is `"key": value` without the comma. */
export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Short strings are walked; beyond this many bytes the native search is faster. */
const WALKED_BYTES = 32;

/**
 * The top-level members of `json[from, to)`, which must be one valid JSON object (what `JSON.parse` accepted).
 * Reading positions instead of parsing lets a body be changed without being written anew.
 */
export function topLevelMembers(json: Buffer, from = 0, to = json.length): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipBlank(json, from) + 1;
  for (;;) {
    at = skipBlank(json, at);
    if (at >= to || json[at] === CLOSE_BRACE) return members;
    const keyStart = at;
    const keyEnd = skipString(json, at);
    const valueStart = skipBlank(json, skipBlank(json, keyEnd) + 1);
    const valueEnd = skipValue(json, valueStart, to);
    members.push({ key: keyText(json, keyStart, keyEnd), keyStart, valueStart, valueEnd });
    at = skipBlank(json, valueEnd);
    if (json[at] === COMMA) at++;
  }
}

/**
 * Refuses a body in which one top-level key stands twice, however it is escaped: we would price one value and the
 * provider might obey the other.
 */
export function refuseDuplicates(members: readonly JsonMember[]): void {
  for (let i = 1; i < members.length; i++) {
    for (let j = 0; j < i; j++) {
      if (members[i]!.key === members[j]!.key) {
        const key = members[i]!.key;
        throw new GatewayError('invalid_request', `The body has the key "${key}" twice. Send it once.`, { param: key });
      }
    }
  }
}

/** A change to a JSON text: `[start, end)` gives way to `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `bytes` with the edits applied; edits are in rising order and do not overlap. All other bytes stay as they were. */
export function splice(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const edit of edits) {
    pieces.push(bytes.subarray(at, edit.start), Buffer.from(edit.text));
    at = edit.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

/** The edit that takes a member out together with the comma that it leaves behind. */
export function removal(members: readonly JsonMember[], index: number): Edit {
  const member = members[index]!;
  const before = members[index - 1];
  const after = members[index + 1];
  if (before) return { start: before.valueEnd, end: member.valueEnd, text: '' };
  return { start: member.keyStart, end: after ? after.keyStart : member.valueEnd, text: '' };
}

function keyText(json: Buffer, start: number, end: number): string {
  const raw = json.toString('utf8', start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function skipBlank(json: Buffer, at: number): number {
  while (at < json.length && json[at]! <= 0x20) at++;
  return at;
}

/** The position after the closing quote of the string that opens at `at`. */
function skipString(json: Buffer, at: number): number {
  const walked = Math.min(at + WALKED_BYTES, json.length);
  for (let i = at + 1; i < walked; i++) {
    if (json[i] === BACKSLASH) i++;
    else if (json[i] === QUOTE) return i + 1;
  }
  for (let i = at; ; ) {
    const quote = json.indexOf(QUOTE, i + 1);
    if (quote < 0) return json.length;
    let slashes = 0;
    while (json[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    i = quote;
  }
}

function skipValue(json: Buffer, at: number, to: number): number {
  const first = json[at];
  if (first === QUOTE) return skipString(json, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(json, at, to);
  while (at < to && json[at] !== COMMA && json[at] !== CLOSE_BRACE && json[at]! > 0x20) at++;
  return at;
}

function skipNested(json: Buffer, at: number, to: number): number {
  let depth = 0;
  while (at < to) {
    const byte = json[at]!;
    if (byte === QUOTE) {
      at = skipString(json, at);
      continue;
    }
    at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at;
  }
  return to;
}
