import { GatewayError } from './errors.js';

/** Where a member of a JSON object stands in its text: `[keyStart, valueEnd)` is `"key": value` without the comma. */
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
/** Short strings are walked; beyond this many characters the native search is faster. */
const WALKED = 32;

/**
 * The top-level members of a valid JSON object (what `JSON.parse` accepted).
 * Reading positions instead of parsing lets a body be changed without being written anew. It reads the text and not its bytes:
 * each look into a Buffer is a trip out of JavaScript, and a body has dozens of strings.
 */
export function topLevelMembers(json: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipBlank(json, 0) + 1;
  for (;;) {
    at = skipBlank(json, at);
    if (at >= json.length || json.charCodeAt(at) === CLOSE_BRACE) return members;
    const keyStart = at;
    const keyEnd = skipString(json, at);
    const valueStart = skipBlank(json, skipBlank(json, keyEnd) + 1);
    const valueEnd = skipValue(json, valueStart);
    members.push({ key: keyText(json, keyStart, keyEnd), keyStart, valueStart, valueEnd });
    at = skipBlank(json, valueEnd);
    if (json.charCodeAt(at) === COMMA) at++;
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

/** `json` with the edits applied; edits are in rising order and do not overlap. All other characters stay as they were. */
export function splice(json: string, edits: readonly Edit[]): string {
  let spliced = '';
  let at = 0;
  for (const edit of edits) {
    spliced += json.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return spliced + json.slice(at);
}

/** The edit that takes a member out together with the comma that it leaves behind. */
export function removal(members: readonly JsonMember[], index: number): Edit {
  const member = members[index]!;
  const before = members[index - 1];
  const after = members[index + 1];
  if (before) return { start: before.valueEnd, end: member.valueEnd, text: '' };
  return { start: member.keyStart, end: after ? after.keyStart : member.valueEnd, text: '' };
}

/** The edits, in rising order, that take out every member that `isGone` names, with the commas that they leave behind. */
export function removals(members: readonly JsonMember[], isGone: (key: string) => boolean): Edit[] {
  const edits: Edit[] = [];
  let hasKept = false;
  for (let i = 0; i < members.length; i++) {
    const { key, keyStart, valueEnd } = members[i]!;
    if (!isGone(key)) hasKept = true;
    // Each edit ends where the next one may begin, so that neighbours can go together.
    else if (hasKept) edits.push({ start: members[i - 1]!.valueEnd, end: valueEnd, text: '' });
    else edits.push({ start: keyStart, end: members[i + 1]?.keyStart ?? valueEnd, text: '' });
  }
  return edits;
}

function keyText(json: string, start: number, end: number): string {
  const raw = json.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function skipBlank(json: string, at: number): number {
  while (at < json.length && json.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** The position after the closing quote of the string that opens at `at`. */
function skipString(json: string, at: number): number {
  const walked = Math.min(at + WALKED, json.length);
  let i = at + 1;
  for (; i < walked; i++) {
    const char = json.charCodeAt(i);
    if (char === BACKSLASH) i++;
    else if (char === QUOTE) return i + 1;
  }
  for (;;) {
    const quote = json.indexOf('"', i);
    if (quote < 0) return json.length;
    if (!isEscaped(json, quote, at)) return quote + 1;
    i = quote + 1;
  }
}

function isEscaped(json: string, at: number, from: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes > from && json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function skipValue(json: string, at: number): number {
  const first = json.charCodeAt(at);
  if (first === QUOTE) return skipString(json, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(json, at);
  for (; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === COMMA || char === CLOSE_BRACE || char <= 0x20) break;
  }
  return at;
}

function skipNested(json: string, at: number): number {
  let depth = 0;
  while (at < json.length) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(json, at);
      continue;
    }
    at++;
    if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && --depth === 0) return at;
  }
  return at;
}
