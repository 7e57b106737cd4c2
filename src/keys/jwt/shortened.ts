const MAX_CHARS = 100;

/** By whole characters, for people to read. */
export function shortened(text: string): string {
  const characters = [...text];
  return characters.length > MAX_CHARS ? `${characters.slice(0, MAX_CHARS - 1).join('')}…` : text;
}
