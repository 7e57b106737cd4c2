// The README's run command as a newcomer gives it: start, call, stream, see the usage, stop, start again. Node is all it needs.
// The last line printed is `N passed, N failed`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '..');
const READY_MS = 120_000;
const STOP_MS = 20_000;
const KEY = /tg-[A-Za-z0-9_-]+/g;
const dataDir = mkdtempSync(path.join(tmpdir(), 'tollgate-start-'));
const port = await freePort();
const baseUrl = `http://127.0.0.1:${port}`;
const running = new Set();
/** As root the database lives outside the data folder, where its own user can reach it. */
const leftBehind = new Set([dataDir]);
let passed = 0;
let failed = 0;

async function step(name, does) {
  const begun = performance.now();
  try {
    await does();
    passed += 1;
    process.stdout.write(`ok      ${name} (${Math.round(performance.now() - begun)} ms)\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    throw error;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

/** Nothing of this environment but what a program needs to run: no provider key and no database leak in. */
function bareEnvironment() {
  const kept = ['PATH', 'HOME', 'USER', 'TMPDIR', 'LANG'].filter((name) => process.env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), PORT: String(port), TOLLGATE_DATA_DIR: dataDir };
}

function start() {
  const child = spawn('npm', ['start'], { cwd: root, env: bareEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const gateway = { child, output: '', exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal))) };
  child.stdout.on('data', (chunk) => (gateway.output += chunk));
  child.stderr.on('data', (chunk) => (gateway.output += chunk));
  running.add(gateway);
  return gateway;
}

async function untilReady(gateway) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${baseUrl}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    assert.equal(gateway.child.exitCode, null, `it ended before it was ready:\n${gateway.output}`);
    await sleep(100);
  }
  throw new Error(`not ready after ${READY_MS / 1000} s:\n${gateway.output}`);
}

/** Every process below this one, by the parents that Linux lists. */
function descendantsOf(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, command, parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'));
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return []; // gone since it was listed
      }
    });
  const below = (one) => parents.filter(({ parent }) => parent === one).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

/** One that has ended and only waits to be counted by its parent is not alive. */
function isAlive(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function stop(gateway) {
  const family = descendantsOf(gateway.child.pid);
  const servers = family.filter(({ command }) => command.startsWith('postgres'));
  assert.ok(servers.length > 0, 'no embedded postgres was running');
  for (const { pid } of servers) {
    const [home] = /^\/var\/lib\/tollgate\/\w+/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[2] ?? '') ?? [];
    if (home) leftBehind.add(home);
  }
  gateway.child.kill('SIGTERM');
  const code = await Promise.race([gateway.exited, sleep(STOP_MS, 'no exit', { ref: false })]);
  assert.equal(code, 0, `exit code ${code} after SIGTERM:\n${gateway.output.slice(-2000)}`);
  running.delete(gateway);
  const deadline = Date.now() + 2_000;
  while (family.some(({ pid }) => isAlive(pid)) && Date.now() < deadline) await sleep(20);
  const left = family.filter(({ pid }) => isAlive(pid));
  assert.deepEqual(left, [], 'processes were left over');
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself, with its parent
  }
}

/** The first keys stand in a file that only its owner may read; its path is printed because nobody reads along on a terminal. */
async function readKeys(gateway) {
  const file = await untilPrinted(gateway, /"file":"([^"]+)"/);
  assert.equal(statSync(file).mode & 0o777, 0o600, `${file} can be read by others`);
  const text = readFileSync(file, 'utf8');
  const keys = text.match(KEY) ?? [];
  assert.equal(keys.length, 2, `${file} holds ${keys.length} keys`);
  for (const key of keys) assert.ok(!gateway.output.includes(key), 'a key was printed although nobody is at a terminal');
  return text;
}

async function untilPrinted(gateway, pattern) {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    const found = pattern.exec(gateway.output);
    if (found) return found[1] ?? found[0];
    await sleep(20);
  }
  throw new Error(`${pattern} was not printed:\n${gateway.output}`);
}

function clientKeyIn(text) {
  const line = text.split('\n').find((one) => one.includes('client'));
  return line?.match(KEY)?.[0];
}

async function call(key, stream) {
  const answer = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'echo', stream, messages: [{ role: 'user', content: 'Hello from the start check' }] }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text;
}

async function plainCall(key) {
  const { choices, usage } = JSON.parse(await call(key, false));
  assert.match(choices[0].message.content, /Hello from the start check/);
  assert.ok(usage.total_tokens > 0);
}

async function streamedCall(key) {
  const frames = (await call(key, true)).split('\n\n').filter((frame) => frame.startsWith('data: '));
  assert.equal(frames.at(-1), 'data: [DONE]');
  const deltas = frames.slice(0, -1).map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta.content ?? '');
  assert.match(deltas.join(''), /Hello from the start check/);
  assert.ok(deltas.length > 3, 'the answer did not come in pieces');
}

/** Rows are written in batches behind the answer, so they are asked for until they are there. */
async function usageOf(key, requests) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`${baseUrl}/v1/usage/stats`, { headers: { authorization: `Bearer ${key}` } });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    if (JSON.parse(text).requests === requests) return;
    assert.ok(Date.now() < deadline, `expected ${requests} requests, found ${text}`);
    await sleep(250);
  }
}

async function refusesWithoutKey() {
  const answer = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(answer.status, 401);
}

async function firstStart() {
  const gateway = start();
  let key;
  await step('npm start is ready', () => untilReady(gateway));
  await step('keys are in a private file and not in the output', async () => {
    key = clientKeyIn(await readKeys(gateway));
    assert.ok(key, 'no line names the client key');
  });
  await step('a call without a key is refused', refusesWithoutKey);
  await step('a plain call is answered', () => plainCall(key));
  await step('a streamed call is answered in pieces', () => streamedCall(key));
  await step('both calls are in the usage', () => usageOf(key, 2));
  await step('SIGTERM ends it with 0 and leaves no process', () => stop(gateway));
  return key;
}

async function secondStart(key) {
  const gateway = start();
  await step('a second start is ready', () => untilReady(gateway));
  await step('it says how to make a key, and makes none', async () => {
    await untilPrinted(gateway, /npm run tollgate -- keys create/);
    assert.doesNotMatch(gateway.output, /first_keys_made/);
  });
  await step('the key and the usage of the first start are still there', async () => {
    await plainCall(key);
    await usageOf(key, 3);
  });
  await step('it stops as cleanly', () => stop(gateway));
}

try {
  await secondStart(await firstStart());
} catch (error) {
  if (failed === 0) throw error;
} finally {
  for (const { child } of running) {
    for (const { pid } of [{ pid: child.pid }, ...descendantsOf(child.pid)].toReversed()) kill(pid);
  }
  for (const folder of leftBehind) rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
