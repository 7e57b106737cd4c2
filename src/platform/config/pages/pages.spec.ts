import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { configFrom } from '../../../../test/support/config-folder.js';
import { ENVIRONMENT_GROUPS } from '../environment/environment.js';
import type { Row } from '../environment/row.js';
import { toConfigurationPage } from './configuration-page.js';
import { toEnvExample } from './env-example.js';
import { toYamlRows } from './yaml-rows.js';

const rows = ENVIRONMENT_GROUPS.flatMap((group) => Object.entries<Row>(group.rows));

describe('the tables', () => {
  it('have a meaning, and a default that would be accepted or a word on what happens without one', () => {
    for (const [name, row] of rows) {
      expect([name, row.meaning]).toEqual([name, expect.stringMatching(/\.$/)]);
      expect([name, row.default === undefined ? typeof row.unset : row.kind.schema.safeParse(row.default).success]).toEqual([
        name,
        row.default === undefined ? 'string' : true,
      ]);
    }
    for (const row of toYamlRows()) expect([row.path, row.meaning]).toEqual([row.path, expect.stringMatching(/\.$/)]);
  });

  it('give secrets no default and no example that somebody could leave as it is', () => {
    const addresses = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL', 'CACHE_REDIS_URL'];
    const shown = rows.filter(([name, row]) => row.kind.secret && !addresses.includes(name) && (row.default ?? row.example) !== undefined);

    expect(shown).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  const page = toConfigurationPage('# an example\n');

  it('has every variable and every key', () => {
    for (const name of [...rows.map(([variable]) => variable), ...toYamlRows().map(({ path }) => path)])
      expect(page).toContain(`| \`${name}\` |`);
  });

  it('keeps apart what is not in effect yet', () => {
    const [now = '', later = ''] = page.split('## Accepted, not in effect yet');

    expect(now).toContain('| `PORT` |');
    expect(now).not.toContain('| `CACHE_MODE` |');
    expect(later).toContain('| `CACHE_MODE` |');
    expect(later).toContain('| `templates` |');
    expect(now).toContain('| `retry.max_attempts` |');
  });
});

describe('.env.example', () => {
  it('sets nothing as it stands', () => {
    expect(parseEnv(toEnvExample())).toEqual({});
  });

  it('is accepted as a whole when everything in it is switched on', () => {
    const all = toEnvExample().replaceAll(/^#(?=[A-Z])/gm, '');
    const config = configFrom({ files: { '.env': all, 'tollgate.yaml': '' } });

    expect(config.http.port).toBe(8000);
    expect(config.costPerToken.exact).toHaveLength(1);
  });
});
