import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller, Role } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import { Access, Secret } from '../platform/index.js';
import { invalidKey } from './credentials.js';
import { KeyGuard } from './key.guard.js';

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
  const request: { headers: typeof headers; method: string; caller?: Caller } = { headers, method: 'GET' };
  const context = {
    getHandler: () => controller.prototype[route],
    getClass: () => controller,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  return { request, answer: () => guard.canActivate(context) };
}

/** Knows the keys `client`, `viewer` and `admin`, and looks up those that begin with `later:`. */
function guardWith(): KeyGuard {
  const authenticate = (presented: string): Caller | Promise<Caller> => {
    if (presented.startsWith('later:')) return Promise.resolve(authenticate(presented.slice(6)));
    if (!['client', 'viewer', 'admin'].includes(presented)) throw invalidKey();
    return { keyId: presented, keyName: presented, role: presented as Role, tenant: presented };
  };
  const keys = { clients: [], admins: [], metricsToken: new Secret('the-metrics-token'), secretKeys: [] };
  return new KeyGuard(new Reflector(), { authenticate }, { keys });
}

async function outcome(answer: () => boolean | Promise<boolean>): Promise<boolean> {
  return answer();
}

function descriptorOf(route: keyof Routes): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(Routes.prototype, route)!;
}
