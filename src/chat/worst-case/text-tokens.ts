import { isAscii } from 'node:buffer';
import type { ModelRequest } from '../../core/call.js';
import type { ProviderType } from '../../core/provider.js';
import type { PromptReading } from '../../dialects/index.js';

/** The most tokens that a target makes of the texts of a request. */
export type TextTokens = (type: ProviderType, model: string) => number;

/**
 * A bound that costs next to nothing. No tokenizer makes more tokens of a text than it has bytes, some though after they have
 * normalised it (U+FDFA is 3 bytes, and 33 then). Plain ASCII without escapes is what it is: its bytes are those of the body.
 */
export function tokensByBytes({ raw, text }: ModelRequest, prompt: PromptReading): TextTokens {
  const bytes = isAscii(raw) && !text.includes('\\u') ? raw.length - prompt.mediaChars : textBytes(prompt);
  return () => bytes;
}

function textBytes({ texts, opaqueBytes }: PromptReading): number {
  return texts.reduce((sum, text) => sum + bytesOf(text), opaqueBytes);
}

/** As they stand or normalised, whichever are more. */
function bytesOf(text: string): number {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, Buffer.byteLength(text.normalize('NFKC')));
}

/** Texts made ready to be counted, and what of them is not. */
export interface CountableTexts {
  /** For `TokenCounter.count`. */
  readonly texts: readonly string[];
  readonly parts: readonly CountablePart[];
}

interface CountablePart {
  /** Of the whole text: it never has more tokens than that. */
  readonly bytes: number;
  /** Bytes of the runs that were cut out of it. */
  readonly cutBytes: number;
  /** Bytes of what other tokenizers cut much smaller than OpenAI's does. */
  readonly denseBytes: number;
}

/** Pair encoding takes the square of the length of such a run: 64 KB of blanks take four seconds. */
const LONG_RUN = /[\p{L}\p{M}]{256,}|[^\s\p{L}\p{N}]{256,}|\s{64,}/gu;
/** Scripts other than Latin, digits, and runs of blanks or signs: of these OpenAI's 200,000 tokens have long ones that others lack. */
const DENSE = /[^\0-\x7f]+|\d+|\s{2,}|[^\w\s\x80-\u{10ffff}]{3,}/gu;
/**
 * How many tokens others make of plain Latin words for one of OpenAI's. Its own vocabulary of 50,000, a quarter of today's, makes 1.2
 * of prose and 1.6 of a list of hashes; Anthropic says of its newest one up to 1.35 times as many as of those before.
 */
const OTHER_TOKENIZERS = 2;
/** Models that read by the encoding which is counted. */
const COUNTED_ENCODING = /^(?:openai\/)?(?:chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-5|o[134](?:-|$)|codex-mini)/;

/** Long runs are taken out and count by their bytes; special tokens of the encoding are taken apart, as providers read them as text. */
export function countableTexts({ texts }: PromptReading): CountableTexts {
  const parts: CountablePart[] = [];
  const ready = texts.map((text) => {
    let cutBytes = 0;
    const cut = text.replace(LONG_RUN, (run) => {
      cutBytes += bytesOf(run);
      return ' ';
    });
    parts.push({ bytes: bytesOf(text), cutBytes, denseBytes: denseBytes(cut) });
    return cut.replaceAll('<|', '< |');
  });
  return { texts: ready, parts };
}

function denseBytes(text: string): number {
  let bytes = 0;
  for (const [dense] of text.matchAll(DENSE)) bytes += bytesOf(dense);
  return bytes;
}

/** A closer bound, from a count of the texts by OpenAI's encoding. It is their very number where the target reads by that. */
export function tokensByCount({ parts }: CountableTexts, counts: readonly number[], { opaqueBytes }: PromptReading): TextTokens {
  let exact = opaqueBytes;
  let others = opaqueBytes;
  for (const [index, { bytes, cutBytes, denseBytes: dense }] of parts.entries()) {
    const count = counts[index]!;
    exact += Math.min(bytes, count + cutBytes);
    others += Math.min(bytes, count * OTHER_TOKENIZERS + cutBytes + dense);
  }
  return (type, model) => ((type === 'openai' || type === 'openrouter') && COUNTED_ENCODING.test(model) ? exact : others);
}
