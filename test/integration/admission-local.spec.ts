import { describe, expect, it } from '@jest/globals';
import { LocalStore } from '../../src/limits/local/local-store.js';
import { describeAdmissionStore } from '../support/admission-contract.js';
import type { AdmissionHarness } from '../support/admission-harness.js';
import { checkAgainstModel } from '../support/admission-model.js';

describe('admission in this process', () => {
  describeAdmissionStore(openLocal);

  it('admits as its model does, whatever happens in which order', async () => {
    await expect(checkAgainstModel(openLocal, 300)).resolves.toBeUndefined();
  });
});

function openLocal(): Promise<AdmissionHarness> {
  const clock = { ms: 1_800_000_000_000, now: () => clock.ms, elapsed: () => clock.ms - 1_799_000_000_000 };
  const advance = (ms: number): Promise<void> => {
    clock.ms += ms;
    return Promise.resolve();
  };
  return Promise.resolve({ store: new LocalStore(clock), now: () => clock.ms, advance });
}
