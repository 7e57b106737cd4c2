import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ChatDialectName, ClientDialectName, DialectName } from '../../src/core/call.js';
import type { Usage } from '../../src/core/usage.js';

const FOLDER = import.meta.dirname;
const CHAT_CLIENTS = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
const CHAT_PROVIDERS: readonly ChatDialectName[] = [...CHAT_CLIENTS, 'ollama'];

/** One conversation between a client and a provider, in files that README.md names. */
export interface Cell {
  readonly scenario: string;
  readonly client: ClientDialectName;
  readonly provider: DialectName;
  readonly stream: boolean;
}

/** Every cell for which the provider's words are written down. */
export function cells(): readonly Cell[] {
  return scenarios().flatMap((scenario) => {
    const isEmbedding = scenario.startsWith('embeddings');
    const clients: readonly ClientDialectName[] = isEmbedding ? ['embeddings'] : CHAT_CLIENTS;
    const providers: readonly DialectName[] = isEmbedding ? ['embeddings', 'ollama'] : CHAT_PROVIDERS;
    const all = clients.flatMap((client) =>
      providers.flatMap((provider) => [false, true].map((stream) => ({ scenario, client, provider, stream }))),
    );
    return all.filter((cell) => existsSync(path.join(FOLDER, answerFile(cell))));
  });
}

function scenarios(): readonly string[] {
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** What the client sends; its stream differs by `stream`, and by `stream_options` where it asks for usage that way. */
export function requestFile({ scenario, client }: Cell): string {
  return `${scenario}/client-${client}.request.json`;
}

/** What the provider is asked. */
export function upstreamFile({ scenario, client, provider }: Cell): string {
  return `${scenario}/to-${provider}.from-${client}.json`;
}

/** What the provider answers. */
export function answerFile({ scenario, provider, stream }: Cell): string {
  return `${scenario}/provider-${provider}.${form(stream, provider)}`;
}

/** What the client is answered. */
export function clientFile({ scenario, client, provider, stream }: Cell): string {
  return `${scenario}/to-client-${client}.from-${provider}.${form(stream, client)}`;
}

function form(stream: boolean, dialect: DialectName): string {
  if (!stream) return 'plain.json';
  return dialect === 'ollama' ? 'stream.ndjson' : 'stream.sse';
}

export function read(file: string): string {
  return readFileSync(path.join(FOLDER, file), 'utf8');
}

/** What the meter reads of each provider's answer. */
export function usageOf({ scenario, provider }: Cell): Usage {
  const all = JSON.parse(read(`${scenario}/usage.json`)) as Readonly<Record<string, Usage>>;
  return all[provider]!;
}

/** What a file says; with `GOLDEN_UPDATE=1` it says `found` from now on. */
export function expectedText(file: string, found: string): string {
  if (process.env['GOLDEN_UPDATE'] === '1') writeFileSync(path.join(FOLDER, file), found);
  return read(file);
}

/** Every file that stands in a scenario's folder. */
export function filesThere(): readonly string[] {
  return scenarios().flatMap((scenario) => readdirSync(path.join(FOLDER, scenario)).map((name) => `${scenario}/${name}`));
}
