/** The database understood and will never take one of these rows, for what stands in it. */
export class RowRefused extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
    this.name = 'RowRefused';
  }
}

/** In one line: Prisma shows the place of the call first and what happened last. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trimEnd().split('\n').at(-1)!.trim();
}
