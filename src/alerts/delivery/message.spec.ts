import { describe, expect, it } from '@jest/globals';
import { toMessage } from './message.js';

const AT = Date.parse('2026-11-21T12:00:00Z');
const ALERT = {
  id: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e',
  at: AT,
  kind: 'model_unpriced',
  facts: { model: 'new <!channel> & "co"' },
};
const MESSAGE =
  'Model `new <!channel> & "co"` has no price: its calls are recorded without a cost, and refused under a budget. Give it one under `prices`.';

describe('toMessage', () => {
  it('tells everything in plain JSON', () => {
    const { body, headers } = toMessage(ALERT, 'json', undefined, AT + 5_999);

    expect(JSON.parse(body)).toEqual({
      id: ALERT.id,
      kind: 'model_unpriced',
      at: '2026-11-21T12:00:00.000Z',
      message: MESSAGE,
      facts: ALERT.facts,
    });
    expect(headers).toEqual({
      'content-type': 'application/json',
      'user-agent': 'tollgate-webhooks',
      'webhook-id': ALERT.id,
      'webhook-timestamp': String(AT / 1_000 + 5),
    });
  });

  it('tells Slack in its own words, and calls no channel', () => {
    const { body } = toMessage(ALERT, 'slack', undefined, AT);

    const text = MESSAGE.replace('&', '&amp;').replace('<!channel>', '&lt;!channel&gt;');
    expect(JSON.parse(body)).toEqual({
      text,
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text } },
        { type: 'context', elements: [{ type: 'mrkdwn', text: 'model_unpriced · 2026-11-21T12:00:00.000Z' }] },
      ],
    });
  });

  it('keeps within what Slack takes', () => {
    const facts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`fact_${at}`, 'x'.repeat(500)]));

    const { text } = JSON.parse(toMessage({ ...ALERT, kind: 'other', facts }, 'slack', undefined, AT).body) as { text: string };

    expect(text.length).toBeLessThanOrEqual(3_000);
  });
});
