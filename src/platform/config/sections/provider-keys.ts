import { Secret } from '../secret.js';
import type { Entry } from '../yaml/file.js';
import type { ProviderYaml } from '../yaml/provider.schema.js';
import type { Account } from './provider-accounts.js';
import type { Reading } from './reading.js';

type Provider = Entry<ProviderYaml>;

/** The variables that an entry takes its keys from: those it names, else its type's. */
export function keyVariablesOf({ value }: Provider, account: Account | undefined): readonly string[] {
  if (value.api_keys_env) return value.api_keys_env;
  if (value.api_key_env) return [value.api_key_env];
  return account?.key ? [account.key] : [];
}

export function loadKeys(entry: Provider, account: Account | undefined, { source, findings }: Reading): readonly Secret[] {
  const { path, value } = entry;
  const field = value.api_keys_env ? 'api_keys_env' : 'api_key_env';
  if (value.api_keys_env && value.api_key_env) findings.problems.push(`${path}.api_keys_env: api_key_env is there too; keep one of them`);
  const wayOut = account?.key ? 'set `enabled: false`' : 'remove this line';
  return keyVariablesOf(entry, account).flatMap((name) => {
    const found = source.findSecret(name);
    if (found && /^[\x21-\x7e]+$/.test(found.text)) return [new Secret(found.text)];
    if (found) findings.problems.push(`${found.name}: expected a key without blanks`);
    else if (value.enabled) findings.problems.push(`${path}.${field}: ${shownName(name)} is not set; put the key there, or ${wayOut}`);
    return [];
  });
}

/** Somebody may have put the key itself where its variable's name belongs; a name in capitals is one. */
function shownName(name: string): string {
  return /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(name) ? `the variable ${name}` : 'the variable that it names';
}
