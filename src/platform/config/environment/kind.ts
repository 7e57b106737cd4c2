import { z } from 'zod';
import { Secret } from '../secret.js';

/** How the text of a variable is read: its schema, and in words what that accepts. A secret's text is never shown. */
export interface Kind<T> {
  readonly schema: z.ZodType<T, string>;
  readonly expects: string;
  readonly secret: boolean;
}

/** `read` answers undefined for what it does not accept. */
export function kind<T>(expects: string, read: (text: string) => T | undefined): Kind<T> {
  const schema = z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expects });
    return z.NEVER;
  });
  return { schema, expects, secret: false };
}

export function secretKind<T>(expects: string, read: (text: string) => T | undefined): Kind<T> {
  return { ...kind(expects, read), secret: true };
}

export function matching(pattern: RegExp, expects: string): Kind<string> {
  return kind(expects, (text) => (pattern.test(text) ? text : undefined));
}

export function secretMatching(pattern: RegExp, expects: string): Kind<Secret> {
  return secretKind(expects, (text) => (pattern.test(text) ? new Secret(text) : undefined));
}

export const text = matching(/./, 'a text');
export const path = matching(/./, 'a path');

export function integer(least: number, most: number, expects = `an integer from ${least} to ${most}`): Kind<number> {
  return kind(expects, (written) => {
    const value = /^\d{1,16}$/.test(written) ? Number(written) : NaN;
    return value >= least && value <= most ? value : undefined;
  });
}

export function atLeast(least: number): Kind<number> {
  return integer(least, Number.MAX_SAFE_INTEGER, `an integer ≥ ${least}`);
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  1: true,
  yes: true,
  on: true,
  false: false,
  0: false,
  no: false,
  off: false,
};

export const flag = kind('true or false', (written) => FLAGS[written.toLowerCase()]);

/** `synonyms` are understood but not advertised: what other systems call the same thing. */
export function choice<const T extends string>(values: readonly T[], synonyms: Readonly<Record<string, T>> = {}): Kind<T> {
  return kind(oneOf(values), (written) => {
    const lower = written.toLowerCase();
    return values.find((value) => value === lower) ?? (Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined);
  });
}

export function listOf(item: Kind<string>, expects: string): Kind<readonly string[]> {
  return kind(expects, (written) => allOf(splitList(written).map((part) => item.schema.safeParse(part).data)));
}

/** Separated by commas, or one on a line as files have it; blanks around an entry and empty entries do not count. */
export function splitList(written: string): readonly string[] {
  return written
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function allOf<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  return values.every((value): value is T => value !== undefined) ? values : undefined;
}

/** `a, b or c`. */
export function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
