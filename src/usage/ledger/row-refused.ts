/** The database understood and will never take one of these rows, for what stands in it. */
export class RowRefused extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
    this.name = 'RowRefused';
  }
}

/** In one line: the server's own words where the driver's adapter kept them; of a longer message what was said last. */
export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { originalMessage?: unknown } };
  if (typeof cause?.originalMessage === 'string') return cause.originalMessage;
  const message = error instanceof Error ? error.message : String(error);
  return message.trimEnd().split('\n').at(-1)!.trim();
}
