import type { Payer } from './admission.js';
import type { Bound } from './bounds.js';

/** All that limits the calls of somebody at a time (epoch milliseconds): it picks the budgets' periods. */
export type BoundsOf = (payer: Payer, nowMs: number) => readonly Bound[];
