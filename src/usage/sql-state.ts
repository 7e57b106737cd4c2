/** What a driver's adapter reports: itself, or inside of what Prisma's engine makes of it. */
interface Reported {
  readonly cause?: { readonly originalCode?: unknown };
  readonly meta?: { readonly driverAdapterError?: Reported };
}

/** The server's code for what went wrong; undefined = no word from it. */
export function sqlStateOf(error: unknown): string | undefined {
  const { cause, meta } = error as Reported;
  const code = (meta?.driverAdapterError?.cause ?? cause)?.originalCode;
  return typeof code === 'string' ? code : undefined;
}
