import { isKept, redact, redactedText } from './redaction.js';

const LINE_END = /\r\n|\n|\r/;
/** The last event of a stream in OpenAI's dialects. */
const DONE = '[DONE]';

/** Server-sent events, with lengths in the place of what was said: line by line, so that one that was cut costs no other. */
export function redactStream(text: string): string {
  return text.split(LINE_END).map(redactLine).join('\n');
}

/** JSON likewise; throws where it is none. */
export function redactJson(text: string): string {
  return JSON.stringify(redact(JSON.parse(text)));
}

function redactLine(line: string): string {
  if (line === '') return line;
  const colon = line.indexOf(':');
  const field = line.slice(0, Math.max(0, colon));
  const value = line.slice(colon + 1).trimStart();
  if (field === '' && colon === 0) return `: ${redactedText(value)}`;
  if (field === 'event') return `event: ${isKept('type', value) ? value : redactedText(value)}`;
  if (field === 'data') return `data: ${redactData(value)}`;
  return redactedText(line);
}

function redactData(value: string): string {
  if (value === DONE) return value;
  try {
    return redactJson(value);
  } catch {
    return redactedText(value);
  }
}
