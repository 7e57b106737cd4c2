import { z } from 'zod';

const target = { from: z.string(), provider: z.string(), model: z.string() };

const schema = z.discriminatedUnion('state', [
  z.object({ ...target, state: z.literal('open'), openMs: z.number().positive() }),
  z.object({ ...target, state: z.literal('closed') }),
]);

/** What one replica tells the others of a breaker: `openMs` is what is left of its time, as clocks differ; `from` is the replica. */
export type BreakerNews = z.infer<typeof schema>;

/** undefined for what is not understood: a replica of another version may say more. */
export function toBreakerNews(text: string): BreakerNews | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
