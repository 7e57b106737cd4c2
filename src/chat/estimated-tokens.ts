/** English text has about this many bytes to a token; less would be an estimate below the truth. */
const BYTES_PER_TOKEN = 3;

/** About how many tokens a text has, where nobody can count them. */
export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
