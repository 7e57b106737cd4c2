import type { EventSink } from '../../core/answer-event.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { malformed } from './malformed.js';
import { ChoiceReader } from './openai-chat.choice-reader.js';
import { toCostNanoUsd } from '../wire-usage.js';
import { toUsage } from './openai-chat.usage.js';
import { isObject, textOf, type WireObject } from './wire-value.js';

/** Reads the objects that an answer consists of, the chunks of a stream or the one completion, and tells what they say. */
export class ChatAnswerReader {
  private readonly choices = new Map<number, ChoiceReader>();
  private hasBegun = false;
  private answerId = '';

  constructor(private readonly sink: EventSink) {}

  /** Reads one object. Throws `GatewayError` for an error that it reports, and for what cannot be read. */
  read(wire: WireObject, isWhole: boolean): void {
    const { choices, usage } = wire;
    // Before the answer has begun a report of usage is for the meter alone, and an error leaves no answer.
    if (usage != null && wire['error'] != null && !this.hasBegun) this.readUsage(usage, textOf(wire['service_tier']));
    refuseError(wire);
    if (choices != null && !Array.isArray(choices)) throw malformed('`choices` is not a list');
    const count = choices?.length ?? 0;
    // Azure begins with an event that has neither choices nor usage.
    if (!this.hasBegun && (count > 0 || usage != null)) this.begin(wire);
    for (let place = 0; place < count; place++) this.readChoice(choices![place], place, isWhole);
    if (usage != null) this.readUsage(usage, textOf(wire['service_tier']));
  }

  /** The answer is over. Throws `upstream_protocol` if any of its choices was not finished. */
  finish(): void {
    if (this.choices.size === 0) throw malformed('it ended before it said anything');
    // Told late, so that nothing of a choice can come after its finish.
    for (const choice of this.choices.values()) choice.finish();
    this.sink({ kind: 'end' });
  }

  private begin(wire: WireObject): void {
    this.hasBegun = true;
    const id = textOf(wire['id']);
    const model = textOf(wire['model']);
    const serviceTier = textOf(wire['service_tier']);
    this.answerId = id ?? `${model}:${String(wire['created'])}`;
    this.sink({ kind: 'start', ...(model === undefined ? {} : { model }), ...(serviceTier === undefined ? {} : { serviceTier }) });
  }

  private readChoice(wire: unknown, place: number, isWhole: boolean): void {
    if (!isObject(wire)) throw malformed('a choice is not an object');
    if (wire['error'] != null) throw toErrorOfAnswer(wire['error']);
    const { index } = wire;
    const number = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : place;
    let choice = this.choices.get(number);
    if (choice === undefined) {
      choice = new ChoiceReader(number, this.answerId, this.sink);
      this.choices.set(number, choice);
    }
    choice.read(wire, isWhole);
  }

  private readUsage(wire: unknown, serviceTier: string | undefined): void {
    const usage = toUsage(wire);
    if (usage === undefined) return;
    const costNanoUsd = toCostNanoUsd(wire);
    const told = { ...(costNanoUsd === undefined ? {} : { costNanoUsd }), ...(serviceTier === undefined ? {} : { serviceTier }) };
    this.sink({ kind: 'usage', usage, ...told });
  }
}

/** OpenRouter reports in an answer with status 200, others in an event of the stream, some without an object around it. */
function refuseError(wire: WireObject): void {
  if (wire['error'] != null) throw toErrorOfAnswer(wire['error']);
  if (wire['object'] === 'error' || wire['type'] === 'error') throw toErrorOfAnswer(wire);
}
