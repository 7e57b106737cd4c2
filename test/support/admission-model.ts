import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LEASE_MS } from '../../src/limits/admission-store.js';
import type { AdmissionHarness } from './admission-harness.js';
import {
  Admit,
  AdmitAgain,
  Cancel,
  compare,
  Confirm,
  Crash,
  Inherit,
  inherit,
  Interrupt,
  nameOf,
  Release,
  Renew,
  Reset,
  Settle,
  Wait,
  wait,
} from './admission-model/commands.js';
import { AdmissionModel, STEP_MS } from './admission-model/model.js';

const MOST_STEPS = 100;
const TENANTS = ['team-7', 'team-8'];

const gateway = fc.nat(2);
const which = fc.nat();
const share = fc.integer({ min: 0, max: 100 });
/** Few sizes, so that limits are often met exactly. */
const worst = fc.record({ tokens: fc.constantFrom(0, 0, 100, 250, 400), costNanoUsd: fc.constantFrom(0n, 0n, 100n, 250n, 500n) });
const isRare = fc.oneof({ weight: 14, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const end = fc.record({ which, share, isAgain: isRare });
const wish = fc.record({ gateway, tenant: fc.constantFrom(...TENANTS), worst, least: fc.constantFrom(100, 50, 20, 0), isLate: isRare });

const admit = wish.map((one) => new Admit(one));
const settle = fc.tuple(end, fc.boolean()).map((one) => new Settle(...one));
const release = fc.tuple(which, isRare).map((one) => new Release(...one));
const waiting = fc.oneof(fc.nat(8), fc.nat(90), fc.constant(LEASE_MS / STEP_MS)).map((steps) => new Wait(steps));
const inheriting = gateway.map((one) => new Inherit(one));
const interrupt = end.map((one) => new Interrupt(one));

/** Each is as likely as it is often named. */
const STEPS = [
  times(9, admit),
  times(4, settle),
  times(3, waiting),
  times(2, inheriting),
  times(2, interrupt),
  which.map((one) => new AdmitAgain(one)),
  times(2, release),
  which.map((one) => new Confirm(one)),
  which.map((one) => new Cancel(one)),
  gateway.map((one) => new Renew(one)),
  gateway.map((one) => new Crash(one)),
  fc.constantFrom(...TENANTS, 'all').map((what) => new Reset(what)),
].flat();

/**
 * Plays random interleavings against the model. After each step every counter is the sum over the calls, and none exceeds its limit;
 * in the end all gateways die, and an heir finds exactly what is missing in the ledger.
 */
export async function checkAgainstModel(open: () => Promise<AdmissionHarness>, numRuns: number): Promise<void> {
  const play = fc.asyncProperty(fc.commands(STEPS, { maxCommands: MOST_STEPS, size: 'max' }), async (steps) => {
    const real = await open();
    const model = new AdmissionModel(real.now());
    await fc.asyncModelRun(() => ({ model, real }), steps);
    await bringToRest(model, real);
  });
  await fc.assert(play, { numRuns });
}

/** What the heir is told of is stored once, and then nobody is told of anything any more. */
async function bringToRest(model: AdmissionModel, real: AdmissionHarness): Promise<void> {
  for (const [slot] of model.gateways.entries()) model.crash(slot);
  await wait(LEASE_MS, model, real);
  const told = await inherit('heir', model, real);
  for (const call of told) {
    if (call.state === 'held') {
      assert.equal(await real.store.interrupt(nameOf(call), call.held), 'settled');
      call.state = 'interrupted';
    } else {
      await real.store.confirm(nameOf(call));
      call.isKept = false;
    }
  }
  assert.deepEqual(await inherit('heir', model, real), []);
  await compare(model, real);
  assert.ok(model.calls.every(({ state, isKept }) => state !== 'held' && !isKept));
}

function times<T>(count: number, step: T): readonly T[] {
  return Array.from({ length: count }, () => step);
}
