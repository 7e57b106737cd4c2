import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refuseDuplicates, removal, removals, splice, topLevelMembers } from './json-members.js';

const members = (text: string) => topLevelMembers(text).map((member) => [member.key, text.slice(member.valueStart, member.valueEnd)]);

describe('topLevelMembers', () => {
  it('finds what JSON.parse finds, whatever the values hold and however the text is spaced', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.integer({ min: 0, max: 4 }), (object, indent) => {
        const text = JSON.stringify(object, null, indent);

        const found = members(text).map(([key, value]) => [key, JSON.parse(value!)]);

        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it('is not misled by quotes and braces at the end of long strings', () => {
    const long = `${'x'.repeat(100)}\\\\\\"}`;

    expect(members(`{"a":"${long}","b":1}`)).toEqual([
      ['a', `"${long}"`],
      ['b', '1'],
    ]);
  });

  it('reads escaped keys as what they mean', () => {
    expect(members('{"mod\\u0065l":1}')).toEqual([['model', '1']]);
  });
});

describe('refuseDuplicates', () => {
  it('refuses a key that stands twice, also when one is escaped', () => {
    expect(() => refuseDuplicates(topLevelMembers('{"model":"a","x":{"model":1},"mod\\u0065l":"b"}'))).toThrow('"model" twice');
  });

  it('accepts equal keys on different levels', () => {
    expect(() => refuseDuplicates(topLevelMembers('{"a":{"a":1}}'))).not.toThrow();
  });
});

describe('removal and splice', () => {
  it('take any member out and leave valid JSON with the others untouched', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
        fc.nat(),
        fc.integer({ min: 0, max: 2 }),
        (object, pick, indent) => {
          const json = JSON.stringify(object, null, indent);
          const found = topLevelMembers(json);
          const index = pick % found.length;

          const rest = JSON.parse(splice(json, [removal(found, index)])) as Record<string, unknown>;

          const expected = JSON.parse(json) as Record<string, unknown>;
          expect(Object.entries(rest)).toEqual(Object.entries(expected).filter((_, i) => i !== index));
        },
      ),
    );
  });
});

describe('removals', () => {
  it('take out any members, neighbours too, and leave valid JSON with the others untouched', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), fc.jsonValue()), { selector: ([key]) => key }),
        fc.subarray(keys),
        fc.integer({ min: 0, max: 2 }),
        (entries, gone, indent) => {
          const json = JSON.stringify(Object.fromEntries(entries), null, indent);

          const rest = JSON.parse(
            splice(
              json,
              removals(topLevelMembers(json), (key) => gone.includes(key)),
            ),
          ) as object;

          const expected = Object.entries(JSON.parse(json) as object).filter(([key]) => !gone.includes(key));
          expect(Object.entries(rest)).toEqual(expected);
        },
      ),
    );
  });
});
