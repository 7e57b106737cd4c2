import type { ProviderId } from '../../core/provider-state.js';
import { type Binding, isSamePlace, toIdKey } from './binding.js';

/** Bindings in memory, the latest used last; the one that has not been used for longest makes room. */
export class KnownBindings {
  private readonly known = new Map<string, readonly Binding[]>();

  constructor(private readonly maxIds: number) {}

  /** What the tenant has under this id, the oldest first. Empty = memory does not know: the database may. */
  ownedBy(tenant: string, id: ProviderId): readonly Binding[] {
    const key = toIdKey(id);
    const bindings = this.known.get(key);
    if (!bindings) return NONE;
    this.put(key, bindings);
    return bindings.filter((binding) => binding.tenant === tenant);
  }

  /** false if there is a binding of this id at this place already, whoever has it. */
  add(binding: Binding): boolean {
    const key = toIdKey(binding);
    const bindings = this.known.get(key) ?? NONE;
    if (bindings.some((one) => isSamePlace(one, binding))) return false;
    this.put(key, [...bindings, binding]);
    return true;
  }

  forget(id: ProviderId): void {
    this.known.delete(toIdKey(id));
  }

  private put(key: string, bindings: readonly Binding[]): void {
    this.known.delete(key);
    this.known.set(key, bindings);
    if (this.known.size > this.maxIds) this.known.delete(this.known.keys().next().value!);
  }
}

const NONE: readonly Binding[] = [];
