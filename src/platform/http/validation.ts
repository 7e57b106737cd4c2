import { ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import { GatewayError } from '../../core/errors.js';

/**
 * Reads queries and small bodies into their DTO class: `@UsePipes(validationPipe())`. What the class does not declare is
 * refused by name, and every refusal names the field and what it takes. Model calls have zod for the same.
 */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    stopAtFirstError: true,
    // Stays inside: the class it came from says what would have been accepted.
    validationError: { target: true },
    exceptionFactory: toInvalidRequest,
  });
}

/** The first thing that is wrong: `messages[0].role: must be one of …`. */
export function toInvalidRequest(errors: readonly ValidationError[]): GatewayError {
  const [first] = errors;
  if (!first) return new GatewayError('invalid_request', 'The request is not valid.');
  const { error, path } = firstFault(first, first.property);
  if (error.constraints?.['whitelistValidation'] !== undefined) {
    return new GatewayError('invalid_request', `Unknown parameter \`${path}\`. ${acceptedBy(error)}`, { param: path });
  }
  const [reason = 'is not valid'] = Object.values(error.constraints ?? {});
  return new GatewayError('invalid_request', `\`${path}\` ${withoutName(reason, error.property)}.`, { param: path });
}

function firstFault(error: ValidationError, path: string): { readonly error: ValidationError; readonly path: string } {
  const child = error.children?.[0];
  if (error.constraints || !child) return { error, path };
  return firstFault(child, /^\d+$/.test(child.property) ? `${path}[${child.property}]` : `${path}.${child.property}`);
}

function acceptedBy({ target }: ValidationError): string {
  if (!target) return 'Leave it out.';
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  const names = [...new Set(rules.map((rule) => rule.propertyName))];
  return names.length > 0 ? `Accepted are ${names.map((name) => `\`${name}\``).join(', ')}.` : 'Nothing is accepted here.';
}

/** class-validator begins its own texts with the name of the property, which the path already says. */
function withoutName(reason: string, property: string): string {
  return reason.startsWith(`${property} `) ? reason.slice(property.length + 1) : reason;
}
