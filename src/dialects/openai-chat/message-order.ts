import { GatewayError } from '../../core/errors.js';

interface ChatMessage {
  readonly role: string;
  readonly tool_calls?: readonly { readonly id: string }[] | null;
  readonly tool_call_id?: unknown;
}

/**
 * Refuses a tool's result without its call, and calls that are not all answered before another message: no provider takes
 * either. Throws `invalid_request` naming the field. Calls at the very end are left to the provider.
 */
export function refuseToolDisorder(messages: readonly ChatMessage[]): void {
  let asked: Set<unknown> | undefined;
  let open: Set<string> | undefined;
  let openAt = 0;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.role === 'tool') {
      if (!asked?.has(message.tool_call_id)) throw resultWithoutCall(index);
      open?.delete(message.tool_call_id as string);
      continue;
    }
    if (open !== undefined && open.size > 0) throw callWithoutResult(openAt, messages[openAt]!, open);
    open = undefined;
    if (message.role !== 'assistant' || !message.tool_calls?.length) continue;
    asked ??= new Set();
    open = new Set();
    openAt = index;
    for (const { id } of message.tool_calls) {
      asked.add(id);
      open.add(id);
    }
  }
}

function resultWithoutCall(index: number): GatewayError {
  const param = `messages[${index}].tool_call_id`;
  const text = `\`${param}\`: no assistant message before it has a tool call with this id. Send the call in \`tool_calls\` first.`;
  return new GatewayError('invalid_request', text, { param });
}

function callWithoutResult(at: number, { tool_calls: calls }: ChatMessage, open: ReadonlySet<string>): GatewayError {
  const param = `messages[${at}].tool_calls[${calls!.findIndex(({ id }) => open.has(id))}].id`;
  const text = `\`${param}\`: this call is not answered before the next message. Send its result as a \`tool\` message right after the call.`;
  return new GatewayError('invalid_request', text, { param });
}
