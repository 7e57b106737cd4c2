/** Tokens of which some are told apart. A server whose parts exceed its whole is believed about the whole. */
export class Whole {
  constructor(public rest: number) {}

  /** Takes a part out of the rest, so that no token counts twice, and gives its size. */
  take(part: unknown): number {
    const taken = Math.min(toTokens(part) ?? 0, this.rest);
    this.rest -= taken;
    return taken;
  }
}

/** A count of tokens as a server wrote it; undefined for what is none. */
export function toTokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(Math.trunc(value), 2_147_483_647) : undefined;
}

/** OpenRouter's own price of the call, which stands in its usage object in US dollars, as nano-dollars. */
export function toCostNanoUsd(usage: unknown): bigint | undefined {
  const cost = typeof usage === 'object' && usage !== null ? (usage as { cost?: unknown }).cost : undefined;
  return typeof cost === 'number' && cost >= 0 && cost < 1e6 ? BigInt(Math.round(cost * 1e9)) : undefined;
}

/** The names of what every call gets that asks for nothing else; the last is Groq's. */
const USUAL_TIERS: ReadonlySet<unknown> = new Set(['default', 'standard', 'standard_only', 'auto', 'on_demand', '']);
/** Those of OpenAI and Anthropic. */
const SERVICE_TIERS: ReadonlySet<unknown> = new Set(['batch', 'flex', 'priority', 'scale']);

/** The tier in which a provider says that it has answered, as `AnswerReading` has it; a name that nobody knows is `other`. */
export function toServiceTier(wire: unknown): string | undefined {
  if (typeof wire !== 'string' || USUAL_TIERS.has(wire)) return undefined;
  return SERVICE_TIERS.has(wire) ? wire : 'other';
}
