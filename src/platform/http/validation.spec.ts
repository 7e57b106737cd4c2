import { describe, expect, it } from '@jest/globals';
import { toInvalidRequest } from './validation.js';

describe('toInvalidRequest', () => {
  it('names the field and what it takes', () => {
    const error = toInvalidRequest([{ property: 'limit', constraints: { max: 'limit must not be greater than 100' } }]);

    expect(error).toMatchObject({ kind: 'invalid_request', message: '`limit` must not be greater than 100.', details: { param: 'limit' } });
  });

  it('writes the way to a field inside others', () => {
    const role = { property: 'role', constraints: { isIn: 'role must be one of the following values: a, b' } };
    const error = toInvalidRequest([{ property: 'messages', children: [{ property: '0', children: [role] }] }]);

    expect(error).toMatchObject({
      message: '`messages[0].role` must be one of the following values: a, b.',
      details: { param: 'messages[0].role' },
    });
  });

  it('reports the first fault only', () => {
    const errors = ['from', 'to'].map((property) => ({ property, constraints: { isDate: `${property} must be a date` } }));

    expect(toInvalidRequest(errors).details.param).toBe('from');
  });

  it('says that a parameter is unknown', () => {
    const constraints = { whitelistValidation: 'property x should not exist' };

    expect(toInvalidRequest([{ property: 'x', constraints }]).message).toBe('Unknown parameter `x`. Leave it out.');
    expect(toInvalidRequest([{ property: 'x', constraints, target: {} }]).message).toBe('Unknown parameter `x`. Nothing is accepted here.');
  });
});
