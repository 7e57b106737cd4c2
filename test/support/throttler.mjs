// `@nestjs/throttler` is CommonJS and requires Nest, which is ESM. Node can do that, Jest only from Node 24.9 on. So under
// Jest its files are evaluated here, with the Nest that the test itself has imported (see `moduleNameMapper`).
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const IMPORTED = { '@nestjs/common': common, '@nestjs/core': core };
const requireBuiltIn = createRequire(import.meta.url);
const loaded = new Map();

function load(file) {
  const known = loaded.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const requireFrom = (id) => (id.startsWith('.') ? load(path.join(path.dirname(file), `${id}.js`)) : (IMPORTED[id] ?? requireBuiltIn(id)));
  // oxlint-disable-next-line typescript/no-implied-eval -- as Node wraps CommonJS; `vm` would leave the test's own globals
  new Function('exports', 'require', 'module', readFileSync(file, 'utf8'))(module.exports, requireFrom, module);
  return module.exports;
}

export const {
  getOptionsToken,
  getStorageToken,
  normalizeIp,
  SkipThrottle,
  Throttle,
  ThrottlerException,
  ThrottlerGuard,
  ThrottlerModule,
  ThrottlerStorage,
  ThrottlerStorageService,
} = load(path.resolve(import.meta.dirname, '../../node_modules/@nestjs/throttler/dist/index.js'));
