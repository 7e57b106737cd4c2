import type { Provider } from '../../src/core/provider.js';
import type { BreakerState } from '../../src/core/target-health.js';
import type { Target } from '../../src/core/target.js';

interface FakeTargetState {
  readonly provider?: string;
  readonly model?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly state?: BreakerState;
  readonly retryInMs?: number;
  readonly load?: number;
  /** Accounts that do not rest. */
  readonly awake?: number;
  /** How many repeats its provider's budget still has. */
  readonly repeats?: number;
}

/** A target that fares as it is told; the provider's name is enough for one. */
export function fakeTarget(told: string | FakeTargetState): Target {
  const state: FakeTargetState = typeof told === 'string' ? { provider: told } : told;
  const { model = 'model', weight = 1, awake = 1, repeats = Infinity } = state;
  const provider = { name: state.provider ?? 'provider', type: 'openai', priority: state.priority ?? 1, weight, awake: () => awake };
  let repeatsLeft = repeats;
  return {
    provider: provider as Partial<Provider> as Provider,
    model,
    metricModel: model,
    weight,
    health: {
      state: state.state ?? 'closed',
      retryInMs: state.retryInMs ?? 0,
      load: state.load ?? 0,
      tryAcquire: () => true,
      report: () => undefined,
    },
    traffic: { enter: () => undefined, leave: () => undefined, countCall: () => undefined, tryRepeat: () => repeatsLeft-- > 0 },
  };
}

/** Numbers between 0 and 1 that look random and are the same each time: the minimal standard generator of Park and Miller. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
