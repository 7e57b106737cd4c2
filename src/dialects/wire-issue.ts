import type { z } from 'zod';
import { GatewayError } from '../core/errors.js';

/** The first thing that is wrong with a body, as an error that names the field and what is accepted. */
export function toInvalidRequest(error: z.ZodError): GatewayError {
  const issue = deepest(error.issues[0]!);
  const param = pathText(issue.path);
  const where = param === '' ? 'The body' : `\`${param}\``;
  return new GatewayError('invalid_request', `${where}: ${sentence(issue.message)}`, { param: param === '' ? undefined : param });
}

type Issue = z.core.$ZodIssue;

/** A union reports each of its branches; the branch that got furthest says what was meant. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().filter((one) => one.path.length > 0);
  if (inner.length === 0) return issue;
  const furthest = inner.reduce((best, one) => (one.path.length > best.path.length ? one : best));
  return deepest({ ...furthest, path: [...issue.path, ...furthest.path] });
}

/** `['messages', 0, 'role']` as the caller would write it: `messages[0].role`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');
}

function sentence(message: string): string {
  const plain = message
    .replace(/^Invalid input: /, '')
    .replace(/^(.*), received undefined$/, 'is missing; $1')
    .replace(/^Invalid input$/, 'is not accepted');
  return plain.endsWith('.') ? plain : `${plain}.`;
}
