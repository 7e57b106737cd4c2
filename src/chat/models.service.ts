import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { CatalogueModel, Price } from '../core/price.js';
import type { Place } from '../routing/index.js';
import { PriceBook } from '../usage/index.js';
import type { ModelDto, PricingDto } from './models.dto.js';
import { mayUse } from './permitted-models.js';
import { Routes } from './routes.js';

const PICO_PER_USD_PER_MILLION = 1e6;
const PICO_PER_USD = 1e12;

/** The models that can be asked for by name, with what is known of them. */
@Injectable()
export class ModelsService {
  private readonly createdSeconds: number;

  constructor(
    private readonly routes: Routes,
    private readonly prices: PriceBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.createdSeconds = Math.floor(clock.now() / 1000);
  }

  /** Those that the caller may use, each with the places that it may use. */
  list(caller: Caller): ModelDto[] {
    const names = this.routes.planner.names().map(({ name, targets }) => ({ name, targets: permitted(targets, name, caller) }));
    return names.filter(({ targets }) => targets.length > 0).map(({ name, targets }) => this.toDto(name, targets));
  }

  /** A model by any name that a call could use; throws `unknown_model`, or `forbidden` as a call would. */
  get(name: string, caller: Caller): ModelDto {
    const targets = permitted(this.routes.planner.find(name), name, caller);
    if (targets.length > 0) return this.toDto(name, targets);
    throw new GatewayError('forbidden', 'This key may not use that model. GET /v1/models lists what it may use.', { param: 'model' });
  }

  private toDto(id: string, targets: readonly Place[]): ModelDto {
    const first = targets[0]!;
    const known = this.known(first);
    return {
      id,
      object: 'model',
      created: this.createdSeconds,
      owned_by: first.provider.name,
      providers: targets.map(({ provider }) => provider.name),
      context_window: known?.contextWindow ?? null,
      max_output_tokens: known?.maxOutputTokens ?? null,
      pricing: toPricing(this.prices.find(first.provider, first.model, this.clock.now())?.price),
    };
  }

  private known({ provider, model }: Place): CatalogueModel | undefined {
    return this.prices.catalogue(provider, this.clock.now()).find(({ id }) => id === model);
  }
}

function permitted(targets: readonly Place[], name: string, { models }: Caller): readonly Place[] {
  const may = mayUse(models, name);
  return may ? targets.filter(may) : targets;
}

/** Pico-dollars per token as US dollars per million tokens, for people. */
function toPricing(price: Price | undefined): PricingDto | null {
  if (!price) return null;
  const perMillion = (pico: bigint): number => Number(pico) / PICO_PER_USD_PER_MILLION;
  return {
    unit: 'USD per million tokens',
    input: perMillion(price.input),
    cached_input: perMillion(price.cacheRead),
    cache_write: perMillion(price.cacheWrite5m),
    output: perMillion(price.output),
    ...(price.reasoning !== undefined && { reasoning: perMillion(price.reasoning) }),
    ...(price.request !== undefined && { request: Number(price.request) / PICO_PER_USD }),
  };
}
