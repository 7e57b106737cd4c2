import type { ModelRequest } from '../core/call.js';
import type { AllowedModels } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import type { Place } from '../routing/index.js';

/** Fields in which a body can name other models than `model`, which OpenRouter would turn to. */
const OTHER_MODELS = ['models', 'preset'] as const;

/**
 * Says of a place whether a key may use it; undefined = it may use all. Whoever may use a name may use whatever is behind it;
 * else each place is looked at, by the model's name there and by `provider/model`.
 */
export function mayUse(
  models: AllowedModels | undefined,
  nameAsked: string,
): ((place: Pick<Place, 'provider' | 'model'>) => boolean) | undefined {
  if (models === undefined || models.includes(nameAsked)) return undefined;
  return ({ provider, model }) => models.includes(nameAsked, model, `${provider.name}/${model}`);
}

/** Throws `forbidden` where the body of a key that may not use every model names others beside the one it asks for. */
export function refuseOtherModels(models: AllowedModels | undefined, { parsed }: Pick<ModelRequest, 'parsed'>): void {
  if (models === undefined) return;
  const body = parsed as Readonly<Record<string, unknown>>;
  const field = OTHER_MODELS.find((name) => body[name] != null && !areAllowed(models, body[name]));
  if (field === undefined) return;
  const message = `\`${field}\` leads to models that this key may not use. Leave it out; GET /v1/models lists what the key may use.`;
  throw new GatewayError('forbidden', message, { param: field });
}

function areAllowed(models: AllowedModels, named: unknown): boolean {
  return Array.isArray(named) && named.every((name) => typeof name === 'string' && models.includes(name));
}
