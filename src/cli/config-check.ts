import { ConfigError, loadConfig, type Config, type ConfigSources } from '../platform/index.js';
import type { Report } from './report.js';

/** The configuration as the gateway would read it at its start, with everything that is wrong with it. */
export function checkConfig(sources: ConfigSources): Report {
  try {
    return toReport(loadConfig(sources));
  } catch (error) {
    if (error instanceof ConfigError) return toFailure(error);
    throw error;
  }
}

export function toFailure({ problems }: ConfigError): Report {
  const heading = problems.length === 1 ? 'The configuration has a mistake:' : `The configuration has ${problems.length} mistakes:`;
  const text = [heading, ...problems.map((problem) => `  ${problem}`)].join('\n');
  return { text, json: { valid: false, problems }, exitCode: 78 };
}

function toReport({ providers, deprecations, notices }: Config): Report {
  const names = providers.filter(({ enabled }) => enabled).map(({ name }) => name);
  const remarks = [...deprecations, ...notices];
  const text = [`The configuration is valid. Providers: ${names.join(', ')}.`, ...remarks.map((remark) => `  ${remark}`)].join('\n');
  return { text, json: { valid: true, providers: names, deprecations, notices }, exitCode: 0 };
}
