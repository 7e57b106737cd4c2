import { Inject, Injectable } from '@nestjs/common';
import { NO_USAGE, type Usage, type UsageSource } from '../core/usage.js';
import { DIALECTS } from '../dialects/index.js';
import { CONFIG, type Config, TokenCounter } from '../platform/index.js';
import { type CallCharge, chargeFor } from './call-charge.js';
import { estimatedTokens } from './estimated-tokens.js';
import type { LiveCall } from './live-call.js';

/** What a call has used, and who says so. */
export interface Used {
  readonly usage: Usage;
  readonly source: UsageSource;
  /** In the place of what the usage costs. */
  readonly costNanoUsd?: bigint;
}

/** Finds out what a call has used that is over: by its provider's report, else by what was held for it, or by our own count. */
@Injectable()
export class UsageMeter {
  constructor(
    private readonly tokens: TokenCounter,
    @Inject(CONFIG) private readonly config: Pick<Config, 'billing'>,
  ) {}

  /** Only calls that must be counted take more than this turn. */
  measure(live: LiveCall): Used | Promise<Used> {
    if (!live.mayHaveBeenBilled) return { usage: NO_USAGE, source: 'counted' };
    const reported = live.reading?.usage;
    if (reported) return { usage: reported, source: 'provider' };
    const held = this.config.billing.onUnknownUsage === 'held' ? heldBy(live) : undefined;
    return held ?? this.count(live);
  }

  /** What it is charged for that. */
  charge(live: LiveCall, used: Used): CallCharge {
    return chargeFor(live, used, this.config.billing);
  }

  /** Our own count of the prompt and of what was generated, for answers whose provider did not come to its report. */
  private async count(live: LiveCall): Promise<Used> {
    const { request } = live.call;
    const prompt = DIALECTS[request.dialect].prompt(request);
    const generated = live.reader?.reading.generatedText() ?? '';
    const counts = await this.tokens.count([...prompt.texts, generated]);
    const input = counts ? sum(counts.slice(0, -1)) : sum(prompt.texts.map(estimatedTokens));
    const output = counts ? counts.at(-1)! : estimatedTokens(generated);
    return { usage: { ...NO_USAGE, input: input + prompt.extraTokens, output }, source: counts ? 'counted' : 'estimated' };
  }
}

/**
 * What was held, for an answer whose provider did not come to its report: a model may have reasoned unseen, and whoever leaves early
 * under a budget would have its thoughts for nothing. Undefined where no budget binds.
 */
function heldBy({ hold, bound, target, clampedTo, call }: LiveCall): Used | undefined {
  const costNanoUsd = hold?.heldCostNanoUsd;
  if (!bound || costNanoUsd === undefined) return undefined;
  const { inputTokens, outputTokens } =
    bound.targets.find(({ provider, model }) => provider === target?.provider.name && model === target.model) ?? bound;
  const output = (clampedTo ?? outputTokens) * Math.max(1, call.request.choices);
  return { usage: { ...NO_USAGE, input: inputTokens, output }, source: 'estimated', costNanoUsd };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
