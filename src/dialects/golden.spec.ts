import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  answerFile,
  type Cell,
  cells,
  clientFile,
  expectedText,
  filesThere,
  read,
  requestFile,
  upstreamFile,
  usageOf,
} from '../../test/golden/corpus.js';
import type { AnswerReader } from '../core/answer.js';
import { DIALECTS, type Translation, translate } from './index.js';

const ALL = cells();

describe.each(ALL.map((cell) => [nameOf(cell), cell] as const))('%s', (_, cell) => {
  const answer = providerBytes(cell);

  it('asks the provider', () => {
    const { endpoint, dropped, body } = translation(cell);
    const asked = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    if (cell.client === cell.provider) return expectRelayedBody(cell, body);
    if (cell.stream) return expect({ endpoint, dropped, body: asked }).toEqual(inStream(cell, read(upstreamFile(cell))));
    const found = pretty({ endpoint, dropped, body: asked });
    expect(found).toBe(pretty(JSON.parse(expectedText(upstreamFile(cell), found))));
  });

  it('answers the client', () => {
    const reader = translation(cell).reader();
    const found = feed(reader, [answer]).toString('utf8');
    expect(found).toBe(expectedAnswer(cell, found));
    expect(reader.reading.usage).toEqual(usageOf(cell));
    expect(reader.failure).toBeUndefined();
  });

  it('answers the same however the bytes are cut', () => {
    const whole = feed(translation(cell).reader(), [answer]);
    const single = Array.from(answer, (byte) => Buffer.from([byte]));
    expect(feed(translation(cell).reader(), single).equals(whole)).toBe(true);
    const cuts = fc.array(fc.nat({ max: answer.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => feed(translation(cell).reader(), cut(answer, at)).equals(whole)),
      { numRuns: 20 },
    );
  });
});

describe('the corpus', () => {
  it('holds nothing that is not compared', () => {
    const used = new Set(ALL.flatMap((cell) => [requestFile(cell), answerFile(cell), `${cell.scenario}/usage.json`]));
    for (const cell of ALL.filter(({ client, provider }) => client !== provider)) used.add(upstreamFile(cell)).add(clientFile(cell));
    expect(filesThere().filter((file) => !used.has(file))).toEqual([]);
  });

  it('has every meeting of a client and a provider, plain and streamed', () => {
    const meetings = new Set(ALL.map(({ client, provider, stream }) => `${client} ${provider} ${stream}`));
    expect(meetings.size).toBe(3 * 4 * 2 + 2);
  });
});

function nameOf({ scenario, client, provider, stream }: Cell): string {
  return `${scenario}: ${client} asks ${provider}, ${stream ? 'streamed' : 'plain'}`;
}

function translation(cell: Cell): Translation {
  const text = JSON.stringify(cell.stream ? { ...requestOf(cell), ...askedInStream(cell.client) } : requestOf(cell));
  const request = DIALECTS[cell.client].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) });
  return translate(request, {
    provider: {
      dialects: [cell.provider],
      streamOptions: true,
      hasProviderField: false,
      maxTokensField: 'max_completion_tokens',
      defaultMaxTokens: () => 4096,
      lacks: () => new Set(),
    },
    model: 'golden-2026',
    id: 'golden',
    nowMs: Date.parse('2026-11-21T08:00:00Z'),
  });
}

function requestOf(cell: Cell): Record<string, unknown> {
  return JSON.parse(read(requestFile(cell))) as Record<string, unknown>;
}

function askedInStream(dialect: string): Record<string, unknown> {
  return { stream: true, ...(dialect === 'openai-chat' && { stream_options: { include_usage: true } }) };
}

/** What is asked in a stream is what is asked without, and to stream. */
function inStream({ provider }: Cell, plain: string): unknown {
  const expected = JSON.parse(plain) as { body: Record<string, unknown> };
  return { ...expected, body: { ...expected.body, ...askedInStream(provider) } };
}

function expectRelayedBody(cell: Cell, body: Buffer): void {
  const sent = { ...requestOf(cell), ...(cell.stream && askedInStream(cell.client)), model: 'golden-2026' };
  expect(body.toString('utf8')).toBe(JSON.stringify(sent));
}

/** A relay gives the provider's own bytes on. Plain files are laid out to be read; what goes over the wire is not. */
function expectedAnswer(cell: Cell, found: string): string {
  if (cell.client === cell.provider) return providerBytes(cell).toString('utf8');
  const file = clientFile(cell);
  return cell.stream ? expectedText(file, found) : JSON.stringify(JSON.parse(expectedText(file, pretty(JSON.parse(found)))));
}

function providerBytes(cell: Cell): Buffer {
  return Buffer.from(read(answerFile(cell)));
}

function feed(reader: AnswerReader, chunks: readonly Buffer[]): Buffer {
  const out = chunks.map((chunk) => reader.read(chunk));
  return Buffer.concat([...out, reader.end()]);
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...[...at].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
