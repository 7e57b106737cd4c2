/** Says one event of a stream, all but its number; in a plain answer nobody listens. */
export type Emit = (type: string, fields: Readonly<Record<string, unknown>>) => void;

/** Where an item stands in the output, and who is told of it. */
export interface Place {
  readonly index: number;
  readonly emit: Emit;
}

export type ItemStatus = 'completed' | 'incomplete';

/** An item that is being written. `close` says what is still to be said of it and gives the whole item. */
export interface OutputItem {
  close(status: ItemStatus): Readonly<Record<string, unknown>>;
}
