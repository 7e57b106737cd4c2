/** What a thing becomes: a field that `changes` has not stays as it is, and one that is undefined there goes back to its default. */
export function withChanges<Thing extends object, Changed extends Thing>(
  thing: Changed,
  changes: Partial<Thing>,
  defaults: Partial<Thing>,
): Changed {
  const entries = Object.entries(changes).map(([field, value]) => [field, value ?? defaults[field as keyof Thing]] as const);
  return { ...thing, ...Object.fromEntries(entries) };
}
