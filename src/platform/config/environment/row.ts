import type { Kind } from './kind.js';

/** A variable: everything that parsing, the documentation and `.env.example` know of it. */
export interface Row {
  readonly kind: Kind<unknown>;
  readonly meaning: string;
  /** As one would write it. */
  readonly default?: string;
  /** What happens without it, in words, where there is no default. */
  readonly unset?: string;
  /** `false`: accepted and checked, but this version does nothing with it yet. */
  readonly effective?: false;
  /** A value to show, where the default is not one. */
  readonly example?: string;
}

export type Rows = Readonly<Record<string, Row>>;

type ValueOf<R extends Row> = R extends { readonly kind: Kind<infer T> }
  ? R extends { readonly default: string }
    ? T
    : T | undefined
  : never;

export type ValuesOf<R extends Rows> = { readonly [Name in keyof R]: ValueOf<R[Name]> };
