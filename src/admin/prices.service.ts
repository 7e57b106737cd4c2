import { Inject, Injectable } from '@nestjs/common';
import { ProviderStates } from '../chat/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { PROVIDERS, type Providers } from '../core/provider.js';
import type { Actor } from '../platform/index.js';
import { PriceBook, type PriceOverride, PriceOverridesService } from '../usage/index.js';
import type { CreatePriceOverrideDto, PriceOverrideDto } from './price-overrides.dto.js';
import { toOverrideDto, toOverrideWishes, toPriceDto, toUnpricedDto } from './prices-mapping.js';
import type { PriceListDto, PricesQueryDto, UnpricedListDto, UnpricedQueryDto } from './prices.dto.js';

const DAY_MS = 86_400_000;

/** What administrators see of prices, and say of them. */
@Injectable()
export class AdminPricesService {
  constructor(
    private readonly prices: PriceBook,
    private readonly overrides: PriceOverridesService,
    private readonly states: ProviderStates,
    @Inject(PROVIDERS) private readonly providers: Providers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the names of providers, then of models. */
  list({ provider, model, limit, after }: PricesQueryDto): PriceListDto {
    const known = this.known().filter((one) => (provider ?? one.provider) === one.provider && (model ?? one.model) === one.model);
    const following = known.filter((one) => after === undefined || keyOf(one) > after);
    const page = following.slice(0, limit);
    const last = page.at(-1);
    return {
      object: 'list',
      data: page.map((one) => toPriceDto(this.priced(one))),
      has_more: following.length > page.length,
      last_id: last ? keyOf(last) : null,
    };
  }

  async unpriced({ days, limit }: UnpricedQueryDto): Promise<UnpricedListDto> {
    const since = new Date(this.clock.now() - days * DAY_MS);
    // One more than asked for tells whether there are more.
    const found = await this.overrides.unpriced({ since, limit: limit + 1 });
    const data = found.slice(0, limit).map((one) => toUnpricedDto(one, this.isPriced(one.provider, one.model)));
    return { object: 'list', data, has_more: found.length > limit };
  }

  /** Throws `invalid_request` also where the provider is not configured: what nobody is named by would be in effect nowhere. */
  async override(order: CreatePriceOverrideDto, by: Actor): Promise<PriceOverrideDto> {
    const names = this.states.names();
    if (order.provider !== undefined && !names.includes(order.provider)) {
      const message = `\`provider\` must be the name of a configured provider: ${names.join(', ')}.`;
      throw new GatewayError('invalid_request', message, { param: 'provider' });
    }
    const [made] = await this.overrides.create([toOverrideWishes(order)], by);
    return toOverrideDto(made!);
  }

  /** What can be called by a name that is listed, and what an override names at a provider that takes any name. */
  private known(): readonly Place[] {
    const listed = [...this.states.modelsByProvider()].flatMap(([provider, models]) => [...models].map((model) => ({ provider, model })));
    const overridden = this.overrides
      .standing()
      .filter(isAtProvider)
      .filter(({ provider }) => this.providers.has(provider));
    const byKey = new Map([...listed, ...overridden].map(({ provider, model }) => [keyOf({ provider, model }), { provider, model }]));
    return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, place]) => place);
  }

  private priced({ provider, model }: Place) {
    const nowMs = this.clock.now();
    const configured = this.providers.get(provider);
    const priced = configured && this.prices.find(configured, model, nowMs);
    return { provider, model, priced, overrides: this.prices.overridesOf(provider, model, nowMs) };
  }

  private isPriced(provider: string | null, model: string): boolean {
    return provider !== null && this.priced({ provider, model }).priced !== undefined;
  }
}

interface Place {
  readonly provider: string;
  readonly model: string;
}

/** No provider's name has a slash. */
function keyOf({ provider, model }: Place): string {
  return `${provider}/${model}`;
}

function isAtProvider(override: PriceOverride): override is PriceOverride & Place {
  return override.provider !== undefined;
}
