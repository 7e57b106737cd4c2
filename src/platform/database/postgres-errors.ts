import pg from 'pg';

/** Classes of SQLSTATE that waiting can cure: lost connections, conflicts, a server that is full, starting, or only a replica. */
const TRANSIENT_CLASSES = new Set(['08', '25', '40', '53', '55', '57', '58', 'XX']);

/** The server understood and refused (wrong password, no such database, faulty SQL): the same again would get the same answer. */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code !== undefined && !TRANSIENT_CLASSES.has(error.code.slice(0, 2));
}
