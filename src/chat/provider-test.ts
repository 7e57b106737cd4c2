import { Inject, Injectable } from '@nestjs/common';
import type { JsonBody, ModelRequest } from '../core/call.js';
import type { Caller } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { toUsd } from '../core/money.js';
import type { Provider } from '../core/provider.js';
import type { Settled, Settlement } from '../core/settlement.js';
import { DIALECTS } from '../dialects/index.js';
import type { ChatService } from './chat.service.js';
import { ClientStream } from './client-stream.js';
import { CollectedAnswer } from './collected-answer.js';
import { LiveCall } from './live-call.js';
import type { ProviderTestDto } from './provider-test.dto.js';
import { ProviderStates } from './provider-states.js';

/** Injection token of a `ChatService` whose calls go where a test wants them. */
export const TEST_CALLS = Symbol('TEST_CALLS');

const DIALECT = DIALECTS['openai-chat'];
const PROMPT = 'Say ok.';
/** The least that every provider takes. */
const MAX_TOKENS = 16;
/** Somebody waits for it. */
const TIMEOUT_MS = 30_000;

/** Who tests what. */
export interface TestOrder {
  readonly provider: string;
  /** undefined: the first that the provider lists. */
  readonly model: string | undefined;
  readonly requestId: string;
  readonly caller: Caller;
}

/** Asks one provider one tiny thing for real. It is a call like any other, with its row in the ledger, that nothing keeps away. */
@Injectable()
export class ProviderTest {
  constructor(
    @Inject(TEST_CALLS) private readonly calls: ChatService,
    private readonly states: ProviderStates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * What came of it, also if the provider failed. Rejects with what kept it from being asked: `not_found`, `conflict` if the
   * configuration switches it off, `invalid_request` without a model, or a limit of the caller's.
   */
  async run(order: TestOrder, onAdmitted: (settlement: Settlement) => void): Promise<ProviderTestDto> {
    const provider = this.states.getProvider(order.provider);
    const model = order.model ?? this.firstModel(provider);
    const { requestId, caller } = order;
    const live = new LiveCall({ requestId, caller, request: toRequest(provider, model), timeoutMs: TIMEOUT_MS }, this.clock);
    const answer = new CollectedAnswer();
    let settled: Settled | undefined;
    await this.calls.answer(live, ClientStream.into(answer, DIALECT, requestId, this.clock), (settlement) => {
      settlement.whenSettled((how) => (settled = how));
      onAdmitted(settlement);
    });
    return toResult(live, answer, settled);
  }

  private firstModel({ name }: Provider): string {
    const first = this.states.get(name).models.find((model) => !model.includes('*'));
    if (first !== undefined) return first;
    throw new GatewayError('invalid_request', `\`model\`: the provider \`${name}\` lists no model by name. Say which to ask.`, {
      param: 'model',
    });
  }
}

function toRequest(provider: Provider, model: string): ModelRequest {
  const limit = { [provider.maxTokensField]: MAX_TOKENS };
  const parsed = { model, provider: provider.name, messages: [{ role: 'user', content: PROMPT }], ...limit };
  const text = JSON.stringify(parsed);
  const body: JsonBody = { raw: Buffer.from(text), text, parsed };
  return DIALECT.parse(body, { headers: {} });
}

function toResult(live: LiveCall, { body }: CollectedAnswer, settled: Settled | undefined): ProviderTestDto {
  const { error, call } = live;
  const record = settled?.record;
  return {
    ok: error === undefined,
    provider: call.request.providerAsked!,
    model: call.request.modelAsked,
    latency_ms: Math.round(live.elapsedMs() * 1000) / 1000,
    text: error ? null : textOf(body),
    error: error ? { kind: error.kind, message: error.message } : null,
    cost_usd: record?.priceVersion === undefined ? null : toUsd(record.costNanoUsd),
    request_id: call.requestId,
  };
}

/** A model that thinks may come to its limit before it says anything. */
function textOf(body: Buffer): string | null {
  const { choices } = JSON.parse(body.toString('utf8')) as { choices?: readonly { message?: { content?: unknown } }[] };
  const content = choices?.[0]?.message?.content;
  return typeof content === 'string' ? content : null;
}
