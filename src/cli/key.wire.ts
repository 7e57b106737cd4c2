import { type KeyRecord, stateOf, toKeyWire } from '../keys/index.js';

/** A key as `--json` writes it. */
export function toKeyJson(record: KeyRecord, nowMs: number) {
  return { ...toKeyWire(record), state: stateOf(record, nowMs) };
}
