import { describe, expect, it } from '@jest/globals';
import { PROVIDER_KEY } from '../../support/gateway.js';
import { Stage } from '../stage.js';

describe('health', () => {
  const stage = Stage.set();

  async function json(path: string): Promise<Record<string, unknown>> {
    const answer = await stage.raw({ path });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }

  it('in short is open to everyone', async () => {
    expect(await json('/health')).toEqual({ status: 'ok', version: '0.0.0-test', uptime_s: expect.any(Number) });
  });

  it.each(['/v1/health', '/api/v1/health'])('in full names each store and provider, and no address or secret: %s', async (path) => {
    const health = await json(path);

    expect(health).toMatchObject({ status: 'ok', version: '0.0.0-test', uptime_s: expect.any(Number) });
    expect(health).toHaveProperty('database');
    expect(health).toHaveProperty('redis');
    expect(JSON.stringify(health['providers'])).toContain('scripted');
    const text = JSON.stringify(health);
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|postgres(ql)?:\/\/|:\d{4,5}\b/);
    expect(text).not.toContain(PROVIDER_KEY);
  });

  it.each(['/health/live', '/health/ready', '/health/startup'])('probes answer: %s', async (path) => {
    expect(await json(path)).toHaveProperty('status', 'ok');
  });

  it('of an open route probes nothing upstream', async () => {
    await json('/v1/health');

    expect(stage.upstream.attempts).toHaveLength(0);
  });
});
