import { describe, expect, it } from '@jest/globals';
import { createGatewayInProcess } from '../../promises/gateway-in-process.js';
import { outageDrill } from '../../promises/outage/outage.js';
import { SHORT_OUTAGE } from '../../promises/outage/outage-plan.js';
import { BUSY_MACHINE_MS } from '../../support/in-time.js';

describe('an outage, in its short form (`npm run promises -- outage` is the whole one), when', () => {
  it.each([...outageDrill({ ...SHORT_OUTAGE, slackMs: BUSY_MACHINE_MS }, createGatewayInProcess)])(
    '%s',
    async (_, part) => {
      const { figures } = await part();

      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
    },
    60_000,
  );
});
