import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Findings } from '../findings.js';
import { splitList } from './kind.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** A variable that is set: its text without blanks around it, and the name that the operator used. */
export interface Found {
  readonly name: string;
  readonly text: string;
}

/** The process's variables over those of `.env`. What is empty counts as unset in either. */
export class EnvironmentSource {
  /** What `.env` says. */
  readonly dotenv: Variables;
  private readonly renamed = new Map<string, Found>();
  private readonly asked = new Set<string>();
  /** Every secret handed out, so that no message repeats one. */
  readonly secrets = new Set<string>();

  constructor(
    private readonly variables: Variables,
    private readonly cwd: string,
    private readonly findings: Findings,
    dotenv?: Variables,
  ) {
    this.dotenv = dotenv ?? this.readDotenv();
  }

  names(): readonly string[] {
    return [...new Set([...Object.keys(this.variables), ...Object.keys(this.dotenv)])].filter((name) => this.textOf(name) !== undefined);
  }

  find(name: string): Found | undefined {
    this.asked.add(name);
    const text = this.textOf(name);
    return text === undefined ? this.renamed.get(name) : { name, text };
  }

  /** Lets a variable be found that stands under another name or in other words; the variable itself, if set, comes first. */
  rename(name: string, found: Found): void {
    this.renamed.set(name, found);
  }

  /** A secret stands in its variable, or in the file that `…_FILE` names. */
  findSecret(name: string): Found | undefined {
    const found = this.find(name);
    const file = this.find(`${name}_FILE`);
    if (found && file) this.findings.problems.push(`${name}: ${file.name} is set too; keep one of them`);
    const secret = found ?? (file && this.readSecretFile(file));
    if (secret) this.remember(secret.text);
    return secret;
  }

  /** What stands in `.env` and nobody has asked for. */
  strangers(): readonly string[] {
    return Object.keys(this.dotenv).filter((name) => !this.asked.has(name));
  }

  private textOf(name: string): string | undefined {
    return own(this.variables, name) ?? own(this.dotenv, name);
  }

  /** A list of keys, each perhaps with a name before it, is as many secrets. */
  private remember(text: string): void {
    for (const part of [text, ...splitList(text)]) this.secrets.add(part).add(part.replace(/^[a-z0-9_-]+=/, ''));
  }

  private readSecretFile({ name, text }: Found): Found | undefined {
    const content = this.readFile(name, resolve(this.cwd, text))?.trim();
    if (content === '') this.findings.problems.push(`${name}: the file ${text} is empty`);
    return content ? { name, text: content } : undefined;
  }

  private readDotenv(): Variables {
    return parseEnv(this.readFile('.env', resolve(this.cwd, '.env'), 'ENOENT') ?? '');
  }

  private readFile(label: string, path: string, accepted?: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== accepted) this.findings.problems.push(`${label}: cannot read ${path} (${code})`);
      return undefined;
    }
  }
}

function own(variables: Variables, name: string): string | undefined {
  const text = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined;
  return text === '' ? undefined : text;
}
