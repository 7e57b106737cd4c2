const LONGEST_CHARACTERS = 60;

/** What was found, for an error line: short, on one line, and nothing that looks like a credential. */
export function showFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'nothing';
  if (looksSecret(value)) return '"***"';
  return JSON.stringify(value.length > LONGEST_CHARACTERS ? `${value.slice(0, LONGEST_CHARACTERS)}…` : value);
}

/** An address with a user, a password or a query, or a key in the wrong place. */
function looksSecret(text: string): boolean {
  return /:\/\/[^/]*@|:\/\/.*[?#]/.test(text) || /^(sk|pk|tg|key|bearer|basic)[-_ ]/i.test(text);
}

/** A last net under every message: whatever secret has been read so far is blotted out. Short ones would blot out words. */
export function blot(line: string, secrets: Iterable<string>): string {
  let clean = line;
  for (const secret of secrets) if (secret.length >= 8) clean = clean.replaceAll(secret, '***');
  return clean;
}
