/** The server's code for what went wrong, which Prisma keeps inside what the driver's adapter reported; undefined = no word from it. */
export function sqlStateOf(error: unknown): string | undefined {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } };
  const code = meta?.driverAdapterError?.cause?.originalCode;
  return typeof code === 'string' ? code : undefined;
}
