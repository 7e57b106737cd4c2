import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonBody, ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { toGatewayError } from '../core/errors.js';
import type { Target } from '../core/target.js';
import { DIALECTS } from '../dialects/index.js';
import { LOG, type Log, TokenCounter } from '../platform/index.js';
import { CallPlanner } from './call-planner.js';
import { concealed } from './concealed.js';
import type { TokenCountDto } from './count-tokens.dto.js';
import { estimatedTokens } from './estimated-tokens.js';
import { askUpstream } from './upstream-question.js';

const ENDPOINT = 'anthropic-count-tokens';
/** A count that takes longer is not worth waiting for: ours is near enough. */
const DEADLINE_MS = 5_000;
/** What a provider says with these concerns the request itself, and would concern the message as well. */
const CLIENTS_OWN = new Set([400, 413, 422]);

export interface TokenCount {
  readonly count: TokenCountDto;
  /** Our own count: no provider of the model has one, or it did not come. */
  readonly isEstimate: boolean;
}

/** How many tokens a message would have: the provider's own count where it has one, else ours. */
@Injectable()
export class CountTokensService {
  constructor(
    private readonly planner: CallPlanner,
    private readonly tokens: TokenCounter,
    @Inject(LOG) private readonly log: Log,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Checks the body like that of a message; throws `invalid_request`, `unknown_model`, `not_found` for what is kept at a provider
   * and is not the caller's, or what the provider has against the request.
   */
  async count(body: JsonBody, headers: IncomingHttpHeaders, caller: Caller): Promise<TokenCount> {
    const request = DIALECTS['anthropic-messages'].parse(withLimit(body), { headers });
    // The size of what is kept at a provider, too, is for its owner alone.
    const { plan, pin } = await this.planner.plan(request, caller);
    const { targets } = plan;
    const target = targets.find(({ provider }) => provider.dialects.includes('anthropic-messages') && provider.endpoints.has(ENDPOINT));
    const told = target && (await this.ask(target, request, pin?.account));
    return told ? { count: told, isEstimate: false } : { count: { input_tokens: await this.ownCount(request) }, isEstimate: true };
  }

  /** Undefined where the provider has no count to give. */
  private async ask(target: Target, request: ModelRequest, account: string | undefined): Promise<TokenCountDto | undefined> {
    const { provider, model } = target;
    const keepProvider = provider.hasProviderField && request.providerAsked === undefined;
    const dialect = DIALECTS['anthropic-messages'];
    const question = {
      endpoint: ENDPOINT,
      headers: request.headers,
      account,
      model,
      stream: false,
      body: dialect.relayBody(request, { model, askUsage: false, keepProvider, maxTokensField: provider.maxTokensField }),
    } as const;
    const answer = await askUpstream(provider, question, DEADLINE_MS, this.clock).catch((error: unknown) => toGatewayError(error).kind);
    if (typeof answer === 'string') return this.goWithout(target, answer);
    const { status, body } = answer;
    if (CLIENTS_OWN.has(status)) throw concealed(dialect.toUpstreamError(status, answer.headers, body, this.clock.now()), provider);
    return (
      (status === 200 ? toTokenCount(provider.conceal(body.toString('utf8'))) : undefined) ?? this.goWithout(target, `status ${status}`)
    );
  }

  private goWithout({ provider, model }: Target, reason: string): undefined {
    this.log.info({ event: 'token_count_estimated', provider: provider.name, model, reason });
  }

  private async ownCount(request: ModelRequest): Promise<number> {
    const { texts, extraTokens } = DIALECTS['anthropic-messages'].prompt(request);
    const counts = (await this.tokens.count(texts)) ?? texts.map(estimatedTokens);
    return counts.reduce((total, count) => total + count, extraTokens);
  }
}

/** There will be no answer, so nobody need limit it. The limit is for the check alone: what goes upstream is the client's text. */
function withLimit(body: JsonBody): JsonBody {
  const { parsed } = body;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || 'max_tokens' in parsed) return body;
  return { ...body, parsed: { ...parsed, max_tokens: Number.MAX_SAFE_INTEGER } };
}

/** The provider's own answer, with whatever else it says; undefined if it is none. */
function toTokenCount(body: string): TokenCountDto | undefined {
  try {
    const answer = JSON.parse(body) as Partial<TokenCountDto> | null;
    return Number.isSafeInteger(answer?.input_tokens) ? (answer as TokenCountDto) : undefined;
  } catch {
    return undefined;
  }
}
