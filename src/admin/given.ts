/** Every field, so that none is forgotten. */
type Given<Thing> = { readonly [Field in keyof Required<Thing>]: Thing[Field] | null | undefined };

/** What was sent, in the words of `Thing`: a field that was left out is absent, and null is undefined, the default. */
export function givenOf<Thing extends object>(fields: Given<Thing>): Partial<Thing> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([field, value]) => [field, value ?? undefined])) as Partial<Thing>;
}
