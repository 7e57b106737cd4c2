import { SCRIPTED_KINDS, type ScriptedKind } from '../../support/gateway/kinds.js';
import { CLIENTS, type Client } from './clients.js';

/** Every kind of provider with a client of every dialect. */
export const PAIRS: readonly (readonly [kind: ScriptedKind, dialect: string, client: Client])[] = SCRIPTED_KINDS.flatMap((kind) =>
  CLIENTS.map((client) => [kind, client.dialect, client] as const),
);

/**
 * All meetings at the same time, plain and streamed: a failing provider is mostly waited for. What fails says which of them
 * it was. All must get the same behaviour of the upstream.
 */
export async function everyPair(meet: (kind: ScriptedKind, client: Client, stream: boolean) => Promise<unknown>): Promise<void> {
  const meetings = PAIRS.flatMap((pair) => [false, true].map((stream) => [...pair, stream] as const));
  await Promise.all(
    meetings.map(async ([kind, dialect, client, stream]) => {
      try {
        await meet(kind, client, stream);
      } catch (error) {
        throw new Error(`${kind} to ${dialect}, stream: ${stream}: ${String(error)}`, { cause: error });
      }
    }),
  );
}
