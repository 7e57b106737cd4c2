import type { ProviderId } from '../../core/provider-state.js';
import { type Binding, toIdKey } from './binding.js';

export type FoundBindings = ReadonlyMap<string, readonly Binding[]>;

interface Question {
  readonly ids: Map<string, ProviderId>;
  readonly answer: Promise<FoundBindings>;
}

/**
 * Asks the database for ids, one question at a time: whoever asks meanwhile shares the next one, so that a flood of made-up
 * ids occupies one connection, never the pool.
 */
export class BindingLookups {
  private running: Promise<unknown> | undefined;
  private next: Question | undefined;

  constructor(
    private readonly load: (ids: readonly ProviderId[]) => Promise<readonly Binding[]>,
    private readonly limits: { readonly waitMs: number; readonly maxAsked: number },
  ) {}

  /** All bindings of these ids by `toIdKey`. Rejects when the database fails or does not answer in time. */
  find(ids: readonly ProviderId[]): Promise<FoundBindings> {
    const question = (this.next ??= this.begin());
    if (question.ids.size > this.limits.maxAsked) return Promise.reject(new Error('too many ids are asked for at once'));
    for (const id of ids) question.ids.set(toIdKey(id), id);
    return question.answer;
  }

  private begin(): Question {
    const ids = new Map<string, ProviderId>();
    const start = this.running ?? nextTurn();
    const answer: Promise<FoundBindings> = inTime(
      start.then(() => this.ask(ids, answer)),
      this.limits.waitMs,
    );
    // Nobody may be waiting any more when it fails.
    answer.catch(() => undefined);
    return { ids, answer };
  }

  private async ask(ids: ReadonlyMap<string, ProviderId>, answer: Promise<FoundBindings>): Promise<FoundBindings> {
    this.next = undefined;
    const over = answer.then(nothing, nothing).then(() => {
      if (this.running === over) this.running = undefined;
    });
    this.running = over;
    return byId(await this.load([...ids.values()]));
  }
}

function byId(bindings: readonly Binding[]): FoundBindings {
  const found = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const key = toIdKey(binding);
    const others = found.get(key);
    if (others) others.push(binding);
    else found.set(key, [binding]);
  }
  return found;
}

/** Rejects if `work` takes longer. */
export function inTime<T>(work: Promise<T>, waitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the database did not answer within ${waitMs} ms`));
    // One turn of grace: when it was this process that was late, the answer has arrived and only waits to be read.
    const timer = setTimeout(() => setImmediate(late), waitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function nothing(): void {}
