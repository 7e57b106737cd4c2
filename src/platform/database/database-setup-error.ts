/** The database cannot be used as it is, and trying again would not help. The message is for the operator: what is wrong, what to do. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}
