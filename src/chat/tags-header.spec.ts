import { describe, expect, it } from '@jest/globals';
import { tagsOf } from './tags-header.js';

const read = (written: string | undefined) => tagsOf({ 'x-tollgate-tags': written });

describe('tagsOf', () => {
  it('reads names and texts', () => {
    expect(read('app=search, cost.center=Zürich 4')).toEqual({ app: 'search', 'cost.center': 'Zürich 4' });
    expect(read(undefined)).toBeUndefined();
  });

  it.each([
    ['', 'found ""'],
    ['app', 'found "app"'],
    ['app=', 'found "app="'],
    ['a b=c', 'found "a b=c"'],
    ['a=b=c', 'found "a=b=c"'],
    ['a=1,a=2', 'each tag once'],
    [Array.from({ length: 11 }, (_, at) => `t${at}=x`).join(','), 'at most 10 tags, found 11'],
    ['__proto__=x', 'found "__proto__=x"'],
  ])('refuses %j: %s', (written, text) => {
    expect(() => read(written)).toThrow(text);
  });
});
