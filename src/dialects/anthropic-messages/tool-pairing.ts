import { GatewayError } from '../../core/errors.js';
import type { MessagesBody } from './anthropic-messages.schema.js';

type Message = MessagesBody['messages'][number];

/**
 * Refuses a `tool_result` that answers no `tool_use` of the turn before it: no model could make sense of it. Messages of one
 * role in a row are one turn, and a system message between two turns belongs to neither.
 */
export function refuseOrphanResults({ messages, thread }: MessagesBody): void {
  // What a thread goes on with stands at the provider.
  if ((thread as { type?: unknown } | null | undefined)?.type === 'continue') return;
  let calls = new Set<string>();
  let before: Message['role'] = 'user';
  messages.forEach((message, i) => {
    if (message.role === 'system') return;
    if (message.role === 'assistant' && before !== 'assistant') calls = new Set();
    before = message.role;
    if (typeof message.content === 'string') return;
    message.content.forEach((block, j) => {
      if (message.role === 'assistant' && block.type === 'tool_use') calls.add(String(block['id']));
      if (message.role === 'user' && block.type === 'tool_result' && !calls.has(String(block['tool_use_id']))) {
        throw orphan(`messages[${i}].content[${j}].tool_use_id`);
      }
    });
  });
}

function orphan(param: string): GatewayError {
  const message = `\`${param}\`: answers no \`tool_use\` of the message before it. Send each result right after the call that it answers.`;
  return new GatewayError('invalid_request', message, { param });
}
