/** What a command found or did: once for people and once for programs. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode: 0 | 1 | 2 | 3 | 78;
}
