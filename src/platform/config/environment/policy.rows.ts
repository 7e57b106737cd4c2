import { CACHE_MODES } from '../config.js';
import type { UnpricedPolicy } from '../price-config.js';
import { webAddress } from './address.kinds.js';
import { atLeast, choice, integer, kind, secretMatching, text } from './kind.js';
import type { Rows } from './row.js';

const unpriced = kind('reject, unbudgeted or price_as:<model>', (written): UnpricedPolicy | undefined => {
  if (written === 'reject' || written === 'unbudgeted') return { policy: written };
  const model = /^price_as:(.+)$/.exec(written)?.[1];
  return model === undefined ? undefined : { policy: 'price_as', model };
});

export const POLICY_ROWS = {
  MAX_REQUESTS_PER_MINUTE: {
    kind: atLeast(0),
    default: '60',
    meaning: 'For keys and end users without a limit of their own; `0` = no limit.',
  },
  MAX_REQUESTS_PER_HOUR: { kind: atLeast(0), default: '1000', meaning: 'The same, per hour.' },
  CACHE_MODE: {
    kind: choice(CACHE_MODES),
    default: 'deterministic',
    meaning: 'Which answers are cached: `deterministic` = those of calls with temperature 0 and of `/v1/generate`.',
    effective: false,
  },
  CACHE_TTL_SECONDS: { kind: atLeast(1), default: '3600', meaning: 'How long an answer is cached.', effective: false },
  UNPRICED_MODELS: {
    kind: unpriced,
    default: 'unbudgeted',
    meaning:
      'Calls of a model without a known price: `reject` them, let them through `unbudgeted` (recorded as unpriced, and refused to keys with a budget), or charge them as another model.',
  },
  PRICE_SYNC_HOURS: {
    kind: integer(0, 168),
    default: '0',
    meaning:
      'Every how many hours prices are taken over from providers that publish them (OpenRouter does); `0` = never, only with `tollgate prices sync --apply`.',
  },
  COST_SOURCE: {
    kind: choice(['computed', 'provider']),
    default: 'computed',
    meaning:
      'What a call is charged: what is `computed` from its tokens and the price book, or what its `provider` says that it cost, where it says so (OpenRouter does). Both stay in its row.',
  },
  BILL_FAILED_ATTEMPTS: {
    kind: choice(['provider', 'tenant']),
    default: 'provider',
    meaning:
      'An attempt that failed although its provider reports usage for it: recorded as a cost at the `provider` only, or charged to the `tenant` as well, up to what is held for the call where a budget binds it.',
  },
  ON_CLIENT_ABORT: {
    kind: choice(['cancel', 'drain']),
    default: 'cancel',
    meaning: 'When a client hangs up: `cancel` the call at the provider, or `drain` its answer to the end.',
  },
  ON_UNKNOWN_USAGE: {
    kind: choice(['held', 'counted']),
    default: 'held',
    meaning: 'What a call under a budget is charged if the provider never reported its usage: all that was `held`, or what was `counted`.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: webAddress,
    unset: 'no traces',
    meaning: 'Where traces are sent.',
    example: 'http://localhost:4318',
    effective: false,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    kind: secretMatching(/./, 'key=value pairs separated by commas'),
    unset: 'none',
    meaning: 'Headers that go with the traces.',
    effective: false,
  },
  OTEL_SERVICE_NAME: { kind: text, unset: '`APP_NAME`', meaning: 'What the gateway is called in traces.', effective: false },
} satisfies Rows;
