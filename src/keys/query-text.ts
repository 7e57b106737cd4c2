const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Postgres refuses the whole question where an id is none. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Text that is looked for as it is: to LIKE, some characters mean others. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
