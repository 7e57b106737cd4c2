import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './arguments.js';
import { UsageError } from './usage.js';

const NOW_MS = Date.parse('2026-11-21T00:00:00Z');

describe('parseCommand', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']], [['keys', 'create', '--help']], [['keys', '--help']]])('helps with %j', (args) => {
    expect(parseCommand(args, NOW_MS)).toEqual({ name: 'help' });
  });

  it('makes client keys unless told otherwise', () => {
    expect(parse('keys create --name my-app')).toEqual({
      name: 'keys create',
      wishes: { name: 'my-app', role: 'client', expiresAt: undefined },
    });
  });

  it('takes role and expiry', () => {
    expect(parse('keys create --name x --role admin --expires=2027-01-01 --json')).toEqual({
      name: 'keys create',
      wishes: { name: 'x', role: 'admin', expiresAt: Date.parse('2027-01-01T00:00:00Z') },
    });
  });

  it('takes the right to use what was made outside the gateway', () => {
    expect(parse('keys create --name x --allow-provider-state')).toMatchObject({ wishes: { name: 'x', allowProviderState: true } });
  });

  it.each(['abcdefghjkmn', `tg-abcdefghjkmn-${'s'.repeat(36)}`])('finds the public id in %s', (text) => {
    expect(parse(`keys revoke ${text}`)).toEqual({ name: 'keys revoke', publicId: 'abcdefghjkmn' });
  });

  it('knows the commands without arguments', () => {
    expect(parse('keys list --json')).toEqual({ name: 'keys list' });
    expect(parse('config check')).toEqual({ name: 'config check' });
  });

  it.each([
    ['kyes list', 'There is no command `kyes list`'],
    ['keys', 'There is no command `keys`'],
    ['keys delete x', 'There is no command `keys delete`'],
    ['constructor', 'There is no command `constructor`'],
    ['keys create', 'needs a name'],
    ['keys create --name x --role root', '--role takes client, viewer, admin; found "root"'],
    ['keys create --name x --expires soon', '--expires takes a day like 2027-01-01'],
    ['keys create --name my app', '"app" is too much'],
    ['keys create --nmae x', "Unknown option '--nmae'"],
    ['keys create --name', "'--name <value>' argument missing"],
    ['keys list --name x', '--name belongs to `keys create`'],
    ['keys list --allow-provider-state', '--allow-provider-state belongs to `keys create`'],
    ['keys list abc', '"abc" is too much'],
    ['keys revoke', 'Say which key'],
    ['keys revoke a b', '"b" is too much'],
  ])('does not take `%s`: %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it.each(['', '   ', 'two\nlines', 'x'.repeat(101)])('does not take the name %j', (name) => {
    expect(() => parseCommand(['keys', 'create', '--name', name], NOW_MS)).toThrow(UsageError);
  });
});

function parse(line: string) {
  return parseCommand(line.split(' '), NOW_MS);
}
