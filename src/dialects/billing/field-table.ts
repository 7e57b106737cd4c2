import type { Concern } from './price-bearing.js';

/** `neutral`: whatever it says, the price per token stays. Else the reason why a value does not let it, as the middle of a sentence. */
export type FieldRule = 'neutral' | ((value: unknown) => string | undefined);

/** Every known top-level field of a dialect. What is not in it is not known to leave the price alone. */
export type FieldTable = ReadonlyMap<string, FieldRule>;

/** Why a field cannot be priced. */
export const REASONS = {
  dearer: 'it may ask for another price than the one that is known',
  hosted: 'what runs at the provider is charged apart, and what it finds is read at a length that nobody knows before',
  elsewhere: 'it may lead to another model or host than the one whose price is known',
  later: 'its answer comes when the gateway no longer sees what it costs',
  stored: 'what it stands for may name other models and tools',
  rerun: 'the provider may run the model more than once for it',
  media: 'the answer would be of a kind that is not charged by the token',
} as const;

export const neutral = (...fields: readonly string[]): readonly (readonly [string, FieldRule])[] =>
  fields.map((field) => [field, 'neutral'] as const);

/** Refused with any value that says something. */
export const refused =
  (reason: string): FieldRule =>
  () =>
    reason;

/** Refused but for these values. */
export const onlyWith =
  (reason: string, ...values: readonly unknown[]): FieldRule =>
  (value) =>
    values.includes(value) ? undefined : reason;

/** Fields whose value goes to providers of other dialects as well. */
const CARRIED: ReadonlySet<string> = new Set(['service_tier']);

/** The fields of a body that keep its price from being known. `null` says nothing, and neither does an empty list. */
export function concernsOf(body: Readonly<Record<string, unknown>>, table: FieldTable): Concern[] {
  const concerns: Concern[] = [];
  for (const field in body) {
    const rule = table.get(field);
    if (rule === 'neutral') continue;
    const value = body[field];
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const reason = rule?.(value);
    if (rule === undefined || reason !== undefined) concerns.push({ field, reason, isCarried: CARRIED.has(field) });
  }
  return concerns;
}

/** An answer of another tier costs another price. What the account itself is set to (`auto`) is its owner's business. */
export const serviceTier: FieldRule = onlyWith(REASONS.dearer, 'auto', 'default', 'standard', 'standard_only', 'flex', 'scale');

/**
 * OpenRouter's preferences among the hosts of a model, whose prices differ. Only those that cannot make it dearer are harmless; a
 * string is the name of a provider of the gateway.
 */
export const providerPreferences: FieldRule = (value) => {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).every(([key, wish]) => key === 'max_price' || (key === 'sort' && wish === 'price'))
    ? undefined
    : REASONS.elsewhere;
};

/** Fields with which OpenRouter leaves the model that was named, or lets it search, whatever the dialect. */
export const OPENROUTER_FIELDS: readonly (readonly [string, FieldRule])[] = [
  ['provider', providerPreferences],
  ['models', refused(REASONS.elsewhere)],
  ['route', refused(REASONS.elsewhere)],
  ['preset', refused(REASONS.stored)],
  ['plugins', refused(REASONS.hosted)],
  ...neutral('usage', 'transforms', 'session_id'),
];
