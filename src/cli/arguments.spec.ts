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

  it('takes everything that can be decided about a key', () => {
    const line =
      'keys create --name x --team 019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e --require-user --model gpt-4* --model fast ' +
      '--route chat --ip-allow 10.0.0.0/8 --ip-allow ::1 --tag a=b --tag c=d ' +
      '--requests-per-minute 5 --requests-per-hour 0 --tokens-per-minute 1000 --concurrency 2 --disabled';

    expect(parse(line)).toMatchObject({
      wishes: {
        teamId: '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e',
        requireUser: true,
        models: ['gpt-4*', 'fast'],
        routes: ['chat'],
        ipAllow: ['10.0.0.0/8', '::1'],
        tags: { a: 'b', c: 'd' },
        requestsPerMinute: 5,
        requestsPerHour: 0,
        tokensPerMinute: 1_000,
        concurrency: 2,
        disabled: true,
      },
    });
  });

  it('gives an old secret a day, or as long as it is told', () => {
    const rotate = { name: 'keys rotate', publicId: 'abcdefghjkmn' };

    expect(parse('keys rotate abcdefghjkmn')).toEqual({ ...rotate, overlapMs: 86_400_000 });
    expect(parse('keys rotate abcdefghjkmn --overlap 0')).toEqual({ ...rotate, overlapMs: 0 });
    expect(parse('keys rotate abcdefghjkmn --overlap 2592000')).toEqual({ ...rotate, overlapMs: 2_592_000_000 });
  });

  it.each(['abcdefghjkmn', `tg-abcdefghjkmn-${'s'.repeat(36)}`])('finds the public id in %s', (text) => {
    expect(parse(`keys revoke ${text}`)).toEqual({ name: 'keys revoke', publicId: 'abcdefghjkmn' });
  });

  it('knows the commands without arguments', () => {
    expect(parse('keys list --json')).toEqual({ name: 'keys list' });
    expect(parse('config check')).toEqual({ name: 'config check' });
    expect(parse('ledger verify --json')).toEqual({ name: 'ledger verify' });
    expect(parse('ledger rebuild')).toEqual({ name: 'ledger rebuild', isDryRun: false });
    expect(parse('ledger rebuild --dry-run')).toEqual({ name: 'ledger rebuild', isDryRun: true });
  });

  it.each([
    ['kyes list', 'There is no command `kyes list`'],
    ['keys', 'There is no command `keys`'],
    ['keys delete x', 'There is no command `keys delete`'],
    ['constructor', 'There is no command `constructor`'],
    ['keys create', 'needs a name'],
    ['keys create --name x --role root', '--role must be one of client, viewer, admin; found "root"'],
    ['keys create --name x --team search', '--team must be the id of a team'],
    ['keys create --name x --expires soon', '--expires takes a day like 2027-01-01'],
    ['keys create --name my app', '"app" is too much'],
    ['keys create --nmae x', "Unknown option '--nmae'"],
    ['keys create --name', "'--name <value>' argument missing"],
    ['keys list --name x', '--name belongs to `keys create`'],
    ['keys list --allow-provider-state', '--allow-provider-state belongs to `keys create`'],
    ['keys create --name x --model', "'--model <value>' argument missing"],
    ['keys create --name x --route chats', '--route must be a list of up to 100: any of chat,'],
    ['keys create --name x --ip-allow example.com', 'found "example.com"'],
    ['keys create --name x --tag a', '--tag takes name=text; found "a"'],
    ['keys create --name x --tag a=', '--tag must be up to 10 names with a text each'],
    ['keys create --name x --concurrency many', '--concurrency must be a whole number'],
    ['keys create --name x --requests-per-minute=-1', '--requests-per-minute must be a whole number'],
    ['keys create --name x --overlap 1', '--overlap belongs to `keys rotate`'],
    ['keys rotate', 'Say which key: keys rotate'],
    ['keys rotate a --overlap 2592001', '--overlap takes 0 to 2592000 seconds'],
    ['keys rotate a --overlap soon', 'found "soon"'],
    ['keys revoke a --name x', '--name belongs to `keys create`'],
    ['keys list abc', '"abc" is too much'],
    ['keys revoke', 'Say which key'],
    ['keys revoke a b', '"b" is too much'],
    ['ledger verify --dry-run', '--dry-run belongs to `ledger rebuild`'],
    ['ledger verify now', '"now" is too much'],
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
