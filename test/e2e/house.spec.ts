import { readFileSync, existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Scope } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, ModulesContainer, REQUEST } from '@nestjs/core';
import { getStorageToken } from '@nestjs/throttler';
import { Access } from '../../src/platform/index.js';
import { PROVIDERS, type Providers } from '../../src/core/provider.js';
import { scriptedProvider } from '../support/gateway.js';
import { Stage } from './stage.js';

const ROOT = new URL('../../', import.meta.url);
const PACKAGES = [
  '@nestjs/common',
  '@nestjs/config',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@nestjs/throttler',
  '@pydantic/genai-prices',
  'class-validator',
  'fastify',
  'ioredis',
  'pino',
  'prom-client',
  'undici',
  'zod',
];
const TOP_LEVEL =
  'package.json package-lock.json nest-cli.json tsconfig.json Dockerfile docker-compose.yml .env.example README.md CONTRIBUTING.md LICENSE .ci/run src prisma test bench docs'.split(
    ' ',
  );

/** The parts that the project promises to be made of, asked of the application as it was built. */
describe('the built application', () => {
  const stage = Stage.set({ config: { providers: [scriptedProvider('http://127.0.0.1:9/v1')] } });
  const modules = () => [...stage.gateway.app.get(ModulesContainer).values()];
  const providers = () => modules().flatMap((module) => [...module.providers.values()]);

  it.each(['Chat', 'Providers', 'Usage', 'Cache', 'Admin', 'Health'])('has a module for %s', (name) => {
    expect(modules().map((module) => module.metatype.name)).toContain(`${name}Module`);
  });

  it('has one global guard that asks for a key', () => {
    const guards = providers().filter(({ token }) => String(token).startsWith(APP_GUARD));

    expect(guards.map((guard) => (guard.instance as object | null)?.constructor.name)).toEqual(['KeyGuard']);
  });

  it('has exactly one logging and one cost interceptor on each route that calls models', () => {
    const routes = modelRoutes();

    expect(routes.map(({ name }) => name).length).toBeGreaterThanOrEqual(6);
    for (const { interceptors } of routes) {
      expect(interceptors.filter((name) => name === 'LoggingInterceptor')).toHaveLength(1);
      expect(interceptors.filter((name) => name === 'CostInterceptor')).toHaveLength(1);
    }
  });

  it('throttles with a storage of our own', () => {
    const storage = stage.gateway.app.get<object>(getStorageToken(), { strict: false });

    expect(storage.constructor.name).not.toBe('ThrottlerStorageService');
    expect(storage).toHaveProperty('increment');
  });

  it('has its adapters injected by a token, as the configuration names them', () => {
    const adapters = stage.gateway.app.get<Providers>(PROVIDERS, { strict: false });

    expect([...adapters.keys()]).toEqual(['scripted']);
    expect(adapters.get('scripted')).toMatchObject({ name: 'scripted', type: 'openai-compatible', dialects: ['openai-chat'] });
    expect(typeof adapters.get('scripted')?.send).toBe('function');
  });

  it('has no provider of the scope of a request', () => {
    const scoped = providers().filter((provider) => provider.scope === Scope.REQUEST && provider.token !== REQUEST);

    expect(scoped.map(({ token }) => String(token))).toEqual([]);
  });

  it('stands on the packages it names, each at an exact version', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { dependencies: Record<string, string> };

    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...PACKAGES, '@prisma/client', '@prisma/adapter-pg']));
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each(TOP_LEVEL)('has %s at the top of its repository', (path) => {
    expect(existsSync(new URL(path, ROOT))).toBe(true);
  });

  function modelRoutes(): { readonly name: string; readonly interceptors: readonly string[] }[] {
    const global = providers().filter(({ token }) => String(token).startsWith(APP_INTERCEPTOR));
    const names = global.map((provider) => (provider.instance as object | null)?.constructor.name ?? '');
    const controllers = modules().flatMap((module) =>
      [...module.controllers.values()].map((wrapper) => wrapper.metatype as new () => object),
    );
    return [...new Set(controllers)].flatMap((controller) =>
      handlersOf(controller)
        .filter((handler) => (Reflect.getMetadata(Access.KEY, handler) ?? Reflect.getMetadata(Access.KEY, controller)) === 'model')
        .map((handler) => ({ name: handler.name, interceptors: [...names, ...interceptorsOf(controller), ...interceptorsOf(handler)] })),
    );
  }
});

type Handler = (...args: unknown[]) => unknown;

function handlersOf(controller: new () => object): Handler[] {
  const members = Object.getOwnPropertyDescriptors(controller.prototype as object);
  return Object.entries(members)
    .filter(([name]) => name !== 'constructor')
    .map(([, { value }]) => value as unknown)
    .filter((value): value is Handler => typeof value === 'function' && Reflect.hasMetadata('path', value));
}

function interceptorsOf(target: object): string[] {
  const bound = (Reflect.getMetadata('__interceptors__', target) ?? []) as readonly (Handler | object)[];
  return bound.map((one) => (typeof one === 'function' ? one.name : one.constructor.name));
}
