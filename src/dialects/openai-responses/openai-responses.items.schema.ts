import { z } from 'zod';
import { itemType } from './item-type.js';

/** Input items and content parts of a Responses body: those that the gateway knows are checked by type, all others let through. */

const text = z.string();
const role = z.enum(['user', 'assistant', 'system', 'developer'], 'expected one of user, assistant, system, developer');

type Loose = Record<string, unknown>;

/** Checks an object by the schema that its type names; a type that nobody here knows is not checked. */
function byType(
  schemas: Readonly<Record<string, z.ZodType>>,
  type: z.ZodType = text,
  typeOf: (value: Loose) => unknown = (value) => value['type'],
): z.ZodType<Loose> {
  const known = new Map<unknown, z.ZodType>(Object.entries(schemas));
  return z.looseObject({ type }).superRefine((value, context) => {
    const checked = known.get(typeOf(value))?.safeParse(value);
    for (const { path, message } of checked?.error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
  });
}

const part = byType({
  input_text: z.looseObject({ text }),
  output_text: z.looseObject({ text, annotations: z.array(z.looseObject({})).nullish() }),
  refusal: z.looseObject({ refusal: text }),
  input_image: z.looseObject({ image_url: text.nullish(), file_id: text.nullish(), detail: text.nullish() }),
  input_file: z.looseObject({ file_data: text.nullish(), file_id: text.nullish(), file_url: text.nullish(), filename: text.nullish() }),
  input_audio: z.looseObject({ input_audio: z.looseObject({ data: text, format: text }) }),
});

/** A union would hide what is wrong inside a part, for the parts are checked after their type. */
const content = z.preprocess((value) => (typeof value === 'string' ? [] : value), z.array(part, 'expected a string or a list of parts'));

export const itemSchema = byType(
  {
    message: z.looseObject({ role, content }),
    function_call: z.looseObject({ call_id: text.min(1), name: text.min(1), arguments: text }),
    function_call_output: z.looseObject({ call_id: text.min(1), output: content }),
    custom_tool_call: z.looseObject({ call_id: text.min(1), name: text.min(1), input: text }),
    custom_tool_call_output: z.looseObject({ call_id: text.min(1), output: content }),
    reasoning: z.looseObject({
      id: text.nullish(),
      summary: z.array(z.looseObject({ text })).nullish(),
      content: z.array(z.looseObject({ type: text, text: text.nullish() })).nullish(),
      encrypted_content: text.nullish(),
    }),
    item_reference: z.looseObject({ id: text }),
  },
  text.nullish(),
  itemType,
);

export const toolSchema = byType({
  function: z.looseObject({
    name: text.min(1),
    description: text.nullish(),
    parameters: z.looseObject({}).nullish(),
    strict: z.boolean().nullish(),
  }),
  custom: z.looseObject({ name: text.min(1), description: text.nullish(), format: z.looseObject({ type: text }).nullish() }),
});

export const toolChoiceSchema = byType({
  function: z.looseObject({ name: text.min(1) }),
  custom: z.looseObject({ name: text.min(1) }),
  allowed_tools: z.looseObject({ mode: z.enum(['auto', 'required']), tools: z.array(z.looseObject({ type: text, name: text.nullish() })) }),
});

export const formatSchema = byType({
  json_schema: z.looseObject({
    name: text.min(1),
    description: text.nullish(),
    schema: z.looseObject({}),
    strict: z.boolean().nullish(),
  }),
});
