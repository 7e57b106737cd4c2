import { describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { CLIENT_KEY } from '../../support/gateway.js';
import { modelOf } from '../../support/gateway/kinds.js';
import type { Behaviour } from '../../support/upstream.js';
import { plays } from '../../support/upstream/dialects.js';
import { Stage } from '../stage.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const ADDRESS = 'http://localhost:8000';

/** How the examples of a language are run: a command that reads them from its standard input. */
const COMMANDS = {
  js: [process.execPath, '--input-type=module'],
  sh: ['sh', '-eu'],
  python: ['python3', '-'],
} as const;
type Language = keyof typeof COMMANDS;

interface Snippet {
  readonly language: Language;
  readonly heading: string;
  readonly line: number;
  readonly code: string;
}

/** The examples of a page that can be run. */
function snippetsOf(page: string): readonly Snippet[] {
  const markdown = readFileSync(path.join(ROOT, page), 'utf8');
  return [...markdown.matchAll(/^```(js|sh|python)\n(.*?)^```$/gms)].map(({ 1: language, 2: code, index }) => {
    const before = markdown.slice(0, index);
    return {
      language: language as Language,
      heading: before.slice(before.lastIndexOf('\n## ') + 4).split('\n', 1)[0]!,
      line: before.split('\n').length,
      code: code!,
    };
  });
}

/** What an example says that it prints: what stands behind the arrow of each line that prints. */
function promised(code: string): readonly string[] {
  return [...code.matchAll(/(?:\/\/|#) → (.+)$/gm)].map(({ 1: line }) => line!);
}

/** Calls a tool if it is offered one, and speaks of the weather when it has the result. */
const answersAll: Behaviour = (exchange) => {
  const sent = exchange.attempt.body.toString();
  const isAnswered = sent.includes('sunny in Paris');
  const call = { id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } };
  const answer = sent.includes('get_weather') && !isAnswered ? { toolCalls: [call] } : { text: 'It is sunny in Paris.' };
  return plays(answer)(exchange);
};

/** Everything in Python is tried where both packages are installed. */
const hasPython = spawnSync('python3', ['-c', 'import openai, anthropic']).status === 0;

describe('docs/clients.md', () => {
  const target = { provider: 'anthropic', model: modelOf('anthropic'), weight: 1 };
  const claude = {
    name: 'claude-sonnet-4-5',
    strategy: 'priority' as const,
    targets: [target],
    onContextOverflow: [],
    onContentPolicy: [],
  };
  const stage = Stage.setEveryKind({ config: { models: [claude] } });
  const snippets = snippetsOf('docs/clients.md');

  async function run({
    language,
    code,
  }: Snippet): Promise<{ readonly output: string; readonly complaint: string; readonly status: number }> {
    const [command, ...args] = COMMANDS[language];
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '', TOLLGATE_KEY: CLIENT_KEY } });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? -1));
    });
    child.stdin.end(code.replaceAll(ADDRESS, stage.gateway.baseUrl));
    const [output, complaint, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { output, complaint, status };
  }

  it('has examples in every language, each at the address that it explains', () => {
    expect(new Set(snippets.map(({ language }) => language))).toEqual(new Set(Object.keys(COMMANDS)));
    expect(snippets.filter(({ code }) => !code.includes(ADDRESS))).toEqual([]);
  });

  it.each(snippets.filter(({ language }) => language !== 'sh' && (hasPython || language !== 'python')))(
    'is right about $heading, line $line: $language',
    async (snippet) => {
      stage.upstream.always(answersAll);

      const { output, complaint, status } = await run(snippet);

      expect({ status, complaint: status === 0 ? '' : complaint }).toEqual({ status: 0, complaint: '' });
      const lines = output.trimEnd().split('\n');
      const expected = promised(snippet.code);
      expect(expected.length).toBeGreaterThan(0);
      // A line that prints in a loop says the same each time.
      expect([...new Set(lines)]).toEqual([...new Set(expected)]);
    },
  );

  it.each(snippets.filter(({ language }) => language === 'sh'))('is right about $heading, line $line', async (snippet) => {
    const { output, status } = await run(snippet);

    expect(status).toBe(0);
    const answer = JSON.parse(output) as object;
    expect(answer).not.toHaveProperty('error');
    expect(output).toContain('Hello, Tollgate!');
  });
});
