import { describe, expect, it } from '@jest/globals';
import { Housekeeping } from '../../../src/usage/housekeeping/housekeeping.js';
import { eventually } from '../../support/eventually.js';
import { insertLedgerRows, monthsOf, placesOf } from '../../support/ledger-rows.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

describe('the ledger of a gateway', () => {
  const stage = Stage.set({ config: { retention: { ledgerDays: 400 } } });

  it('has its months soon after the start, keeps calls in them, and lets go of what is older than the configuration says', async () => {
    const { databaseUrl, app } = stage.gateway;
    await eventually(async () => (await monthsOf(databaseUrl)).length >= 3);
    const housekeeping = app.get(Housekeeping, { strict: false });
    await housekeeping.run();
    stage.upstream.next(answers(completion()));
    await stage.call({ model: MODEL, messages: MESSAGES });
    await insertLedgerRows(databaseUrl, '2001-01-01T00:00:00Z');
    await eventually(async () => (await placesOf(databaseUrl)).length === 2);

    await housekeeping.run();

    const [place, ...others] = await placesOf(databaseUrl);
    const [year, month] = place!.split('-');
    expect(place!.split(' ').at(1)).toBe(`ledger_${year}_${month}`);
    expect(others).toEqual([]);
  });
});
