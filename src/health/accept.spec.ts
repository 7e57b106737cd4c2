import { describe, expect, it } from '@jest/globals';
import { prefersJson } from './accept.js';

describe('what a reader of the metrics accepts', () => {
  it.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/json, text/plain, */*',
    'application/json;q=0.9, text/plain;q=0.5',
    'text/html, application/json',
  ])('is JSON: %s', (accept) => {
    expect(prefersJson(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
    'text/plain, application/json',
    'application/json;q=0.3, text/plain;q=0.5',
    'application/json;q=0',
    'application/*',
  ])('is text: %s', (accept) => {
    expect(prefersJson(accept)).toBe(false);
  });
});
