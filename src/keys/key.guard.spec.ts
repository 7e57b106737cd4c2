import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { storedKey } from '../../test/support/stored-key.js';
import type { Caller, Role } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import { Access, Secret } from '../platform/index.js';
import { invalidKey } from './credentials.js';
import { FailedAttempts } from './failed-attempts.js';
import { KeyGuard } from './key.guard.js';
import { type Identity, KnownKey } from './known-key.js';

class Routes {
  open(): void {}
  model(): void {}
  metrics(): void {}
  forgotten(): void {}
}
Access('open')(Routes.prototype, 'open', descriptorOf('open'));
Access('model')(Routes.prototype, 'model', descriptorOf('model'));
Access('metrics')(Routes.prototype, 'metrics', descriptorOf('metrics'));

@Access('admin')
class Administration extends Routes {}

describe('KeyGuard', () => {
  it('does not look at the credentials of an open route', () => {
    expect(call('open', { authorization: 'nonsense' }).answer()).toBe(true);
  });

  it('says who is calling, without a promise when the key is remembered', () => {
    const { answer, request } = call('model', { authorization: 'Bearer client' });

    expect(answer()).toBe(true);
    expect(request.caller).toMatchObject({ keyId: 'client', role: 'client' });
  });

  it('waits for a key that has to be looked up', async () => {
    const { answer, request } = call('model', { 'x-api-key': 'later:client' });

    expect(await answer()).toBe(true);
    expect(request.caller?.role).toBe('client');
  });

  it.each([
    ['model', {}, 'unauthenticated'],
    ['model', { 'x-api-key': 'nobody' }, 'unauthenticated'],
    ['model', { 'x-api-key': 'viewer' }, 'forbidden'],
    ['metrics', { 'x-api-key': 'client' }, 'forbidden'],
    ['forgotten', {}, 'unauthenticated'],
    ['forgotten', { 'x-api-key': 'admin' }, 'forbidden'],
  ] as const)('answers a %s route with credentials %j: %s', async (route, headers, kind) => {
    await expect(outcome(call(route, headers).answer)).rejects.toMatchObject({ kind });
  });

  it('knows who was refused', () => {
    const { answer, request } = call('model', { 'x-api-key': 'viewer' });

    expect(answer).toThrow(GatewayError);
    expect(request.caller?.role).toBe('viewer');
  });

  it('refuses a valid key that may not be used so, and knows whose it is', () => {
    const { answer, request } = call('model', { 'x-api-key': 'disabled' });

    expect(answer).toThrow('disabled');
    expect(request.caller?.keyId).toBe('id of disabled');
  });

  it('refuses an address that has sent too many keys that are not valid, but never a valid key', async () => {
    const guard = guardWith();
    const present = (key: string) => outcome(call('model', key === '' ? {} : { 'x-api-key': key }, { guard }).answer);
    for (let count = 0; count < 20; count += 1) {
      await expect(present(count % 2 === 0 ? 'nobody' : 'later:nobody')).rejects.toMatchObject({ kind: 'unauthenticated' });
    }

    await expect(present('nobody')).rejects.toMatchObject({ kind: 'rate_limited' });
    await expect(present('later:nobody')).rejects.toMatchObject({ kind: 'rate_limited' });
    expect(await present('client')).toBe(true);
    expect(await present('later:client')).toBe(true);
    // Whoever presents nothing has guessed nothing.
    await expect(present('')).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('does not count what it could not check, or what the key may not do', async () => {
    const guard = guardWith();
    for (let count = 0; count < 30; count += 1) {
      await expect(outcome(call('model', { 'x-api-key': 'unchecked' }, { guard }).answer)).rejects.toMatchObject({
        kind: 'service_unavailable',
      });
      await expect(outcome(call('model', { 'x-api-key': 'viewer' }, { guard }).answer)).rejects.toMatchObject({ kind: 'forbidden' });
    }

    await expect(outcome(call('model', { 'x-api-key': 'nobody' }, { guard }).answer)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('opens metrics, and nothing else, to the metrics token', async () => {
    expect(call('metrics', { authorization: 'Bearer the-metrics-token' }).answer()).toBe(true);
    await expect(outcome(call('model', { authorization: 'Bearer the-metrics-token' }).answer)).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
  });

  it('tells apart a handler that two controllers share', () => {
    const guard = guardWith();
    const asViewer = { 'x-api-key': 'viewer' };

    expect(() => call('forgotten', asViewer, { guard }).answer()).toThrow('not open to anybody');
    expect(() => call('forgotten', asViewer, { guard, controller: Administration }).answer()).toThrow('role `admin`');
    expect(() => call('forgotten', asViewer, { guard }).answer()).toThrow('not open to anybody');
  });
});

function call(
  route: keyof Routes,
  headers: Readonly<Record<string, string>>,
  { guard = guardWith(), controller = Routes }: { guard?: KeyGuard; controller?: typeof Routes } = {},
) {
  const request: { headers: typeof headers; method: string; ip: string; caller?: Caller } = { headers, method: 'GET', ip: '203.0.113.7' };
  const context = {
    getHandler: () => controller.prototype[route],
    getClass: () => controller,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  return { request, answer: () => guard.canActivate(context) };
}

/** Knows the keys `client`, `viewer`, `admin` and `disabled`, and looks up those that begin with `later:`. */
function guardWith(): KeyGuard {
  const authenticate = (presented: string): Identity | Promise<Identity> => {
    if (presented.startsWith('later:')) return new Promise((resolve) => resolve(authenticate(presented.slice(6))));
    if (presented === 'unchecked') throw new GatewayError('service_unavailable', 'The database is away.');
    if (presented === 'disabled') return new KnownKey(storedKey(presented, { disabled: true })).identityIn(undefined);
    if (!['client', 'viewer', 'admin'].includes(presented)) throw invalidKey();
    return { caller: { keyId: presented, keyName: presented, role: presented as Role, tenant: presented } };
  };
  const keys = { clients: [], admins: [], metricsToken: new Secret('the-metrics-token'), secretKeys: [] };
  const failures = new FailedAttempts(new ThrottlerStorageService(), { elapsed: () => 0 });
  return new KeyGuard(new Reflector(), { authenticate }, failures, { keys });
}

async function outcome(answer: () => boolean | Promise<boolean>): Promise<boolean> {
  return answer();
}

function descriptorOf(route: keyof Routes): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(Routes.prototype, route)!;
}
