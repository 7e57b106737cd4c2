import { describe } from '@jest/globals';
import { describeBudgets } from './admission-contract/budgets.js';
import { describeEstates } from './admission-contract/estates.js';
import { describeEverything } from './admission-contract/everything.js';
import { describeGrants } from './admission-contract/grants.js';
import { describeRates } from './admission-contract/rates.js';
import { describeRefusals } from './admission-contract/refusals.js';
import { describeUnknownOutcomes } from './admission-contract/unknown-outcomes.js';
import { type AdmissionHarness, Bench } from './admission-harness.js';

/** What every admission store must do, whatever it counts in. */
export function describeAdmissionStore(open: () => Promise<AdmissionHarness>): void {
  describe('every admission store', () => {
    const bench = new Bench(open);

    describeRates(bench);
    describeBudgets(bench);
    describeGrants(bench);
    describeEverything(bench);
    describeRefusals(bench);
    describeUnknownOutcomes(bench);
    describeEstates(bench);
  });
}
