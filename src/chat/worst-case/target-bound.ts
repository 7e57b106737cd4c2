import type { ModelRequest } from '../../core/call.js';
import type { Price, PricedModel } from '../../core/price.js';
import type { PricedTarget } from '../../core/target.js';
import type { PriceBearing } from '../../dialects/index.js';
import { audioTokens, imageTokens } from './media-tokens.js';
import { limitsOf, type ModelLimits } from './model-limits.js';
import { isFree, refuseUnpriceable, unboundable } from './refusals.js';
import { templateTokens } from './template-tokens.js';
import type { TextTokens } from './text-tokens.js';

/** What a call takes at most if this target answers it. */
export interface TargetBound {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  /** Of one answer. */
  readonly outputTokens: number;
  /** Nothing but a limit in the body keeps an answer to that. */
  readonly needsLimit: boolean;
  /** Pico-dollars for the call as such, for what goes in, and for what of a prediction may be wrong. */
  readonly inputPico: bigint;
  /** Pico-dollars for one token of each answer. */
  readonly outputPico: bigint;
  /** What a rate of tokens is charged until the truth is known. */
  readonly rateTokens: number;
}

export interface BoundTerms {
  readonly request: ModelRequest;
  readonly bearing: PriceBearing;
  readonly textTokens: TextTokens;
  readonly isBudgeted: boolean;
}

/** A rate of tokens is no ceiling on money: an answer without a limit counts as one of usual length. */
const USUAL_ANSWER = 4_096;
/** The same for a document of which nobody knows the length. */
const USUAL_DOCUMENT = 4_096;
/** Far more than any model reads or says, and small enough for sums. */
const MOST_TOKENS = 1_000_000_000;

/** Throws what a caller under a budget is told where the call cannot be bounded or priced at this target. */
export function boundAt(target: PricedTarget, terms: BoundTerms): TargetBound {
  const { bearing, isBudgeted } = terms;
  const { provider, model, priced } = target;
  if (isBudgeted) refuseUnpriceable(bearing, target, provider.dialects.includes(terms.request.dialect));
  const limits = limitsOf(provider.type, model);
  const input = inputAt(target, terms, limits);
  const { outputTokens, needsLimit } = outputAt(target, terms, limits);
  const rates = priced ? ratesOf(priced, input.tokens, target, bearing) : NO_RATES;
  const answers = BigInt(bearing.answers);
  const predicted = BigInt(bearing.predictedBytes) * answers * rates.output;
  const shown = bearing.limit === undefined ? Math.min(outputTokens, USUAL_ANSWER) : outputTokens;
  return {
    provider: provider.name,
    model,
    inputTokens: input.tokens,
    outputTokens,
    needsLimit,
    inputPico: rates.request + BigInt(input.tokens - input.audio) * rates.input + BigInt(input.audio) * rates.audioInput + predicted,
    outputPico: rates.output * answers,
    rateTokens: Math.min(input.tokens + shown * bearing.answers + bearing.predictedBytes, MOST_TOKENS),
  };
}

/** `audio`: how many of the tokens may be sound. */
function inputAt(target: PricedTarget, terms: BoundTerms, limits: ModelLimits | undefined): { tokens: number; audio: number } {
  const { bearing, textTokens, isBudgeted } = terms;
  const { type } = target.provider;
  let audio = 0;
  let pictures = 0;
  let documents = 0;
  for (const media of bearing.prompt.media) {
    if (media.kind === 'audio') audio += audioTokens(media);
    else if (media.kind === 'image') pictures += imageTokens(type, target.model, media.detail);
    else documents++;
  }
  const known = textTokens(type, target.model) + templateTokens(type, bearing) + pictures + audio;
  const window = limits?.contextWindow ?? MOST_TOKENS;
  if (documents === 0 && bearing.keptPrompt === undefined) return { tokens: Math.min(known, window), audio: Math.min(audio, window) };
  if (limits && isBudgeted) return { tokens: window, audio: Math.min(audio, window) };
  if (isBudgeted && target.priced && !isFree(target.priced)) throw unboundable(bearing, target.model);
  return { tokens: Math.min(known + documents * USUAL_DOCUMENT, window), audio: Math.min(audio, window) };
}

/**
 * The client's limit, or what else keeps the answer short: the limit that is written where a request must be translated for a dialect
 * that demands one, or what the model can say at most. Where nothing does, a limit must be set: as many tokens as the provider is
 * given where it demands one.
 */
function outputAt(
  { provider, model, priced }: PricedTarget,
  { request, bearing }: BoundTerms,
  limits: ModelLimits | undefined,
): Pick<TargetBound, 'outputTokens' | 'needsLimit'> {
  if (!bearing.generates) return { outputTokens: 0, needsLimit: false };
  const most = limits?.maxOutput ?? MOST_TOKENS;
  if (bearing.limit !== undefined) return { outputTokens: Math.min(bearing.limit, most), needsLimit: false };
  const usual = Math.min(provider.defaultMaxTokens(model), most);
  const isRelayed = provider.dialects.includes(request.dialect);
  const isWritten = !isRelayed && provider.dialects.find((dialect) => dialect !== 'embeddings') === 'anthropic-messages';
  if (isWritten) return { outputTokens: usual, needsLimit: false };
  if (limits) return { outputTokens: limits.maxOutput, needsLimit: false };
  return { outputTokens: usual, needsLimit: !priced || !isFree(priced) };
}

/** Pico-dollars for a token, and for the call. */
interface Rates {
  readonly request: bigint;
  readonly input: bigint;
  readonly audioInput: bigint;
  readonly output: bigint;
}

const NO_RATES: Rates = { request: 0n, input: 0n, audioInput: 0n, output: 0n };

/** The dearest that a token can cost at any tier that so much input can reach: plain, written to a cache, seen, heard, thought or spoken. */
function ratesOf({ price, tiers = [] }: PricedModel, inputTokens: number, { provider }: PricedTarget, bearing: PriceBearing): Rates {
  // Anthropic writes to its cache where it is told to; others do so by themselves.
  const mayCache = bearing.prompt.cache !== undefined || provider.type !== 'anthropic';
  let rates = NO_RATES;
  const take = (reached: Price): void => {
    const written = mayCache ? larger(reached.cacheWrite5m, bearing.prompt.cache === '1h' ? reached.cacheWrite1h : 0n) : 0n;
    const input = larger(larger(reached.input, reached.image), larger(reached.cacheRead, written));
    const said = larger(reached.output, reached.reasoning ?? 0n);
    rates = {
      request: larger(rates.request, reached.request ?? 0n),
      input: larger(rates.input, input),
      audioInput: larger(rates.audioInput, larger(reached.audioInput, input)),
      output: larger(rates.output, larger(said, bearing.speaks ? reached.audioOutput : 0n)),
    };
  };
  take(price);
  for (const tier of tiers) if (inputTokens > tier.aboveInputTokens) take(tier.price);
  return rates;
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
