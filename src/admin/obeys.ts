import { applyDecorators } from '@nestjs/common';
import { IsOptional, ValidateBy, ValidateIf } from 'class-validator';
import type { AttributeRule } from '../keys/index.js';

/** Holds a field, which must be there, to a rule; a refusal has the rule's own words. */
export function Obeys(rule: AttributeRule): PropertyDecorator {
  return ValidateBy({
    name: 'obeys',
    validator: {
      validate: (value: unknown) => rule(value) === undefined,
      defaultMessage: (given) => rule(given?.value) ?? 'is not valid',
    },
  });
}

/** The same where the field may be left out; null is no value. */
export function MayObey(rule: AttributeRule): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    Obeys(rule),
  );
}

/** The same where it may also be null, which is the default. */
export function NullOrObeys(rule: AttributeRule): PropertyDecorator {
  return applyDecorators(IsOptional(), Obeys(rule));
}
