// The modules of the gateway are ESM, which Jest loads through a Node feature that announces itself in every process.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --disable-warning=ExperimentalWarning`.trim();
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.warn(`${warning.name}: ${warning.message}`);
});

/**
 * ESM packages that CommonJS ones require. Node can do that, Jest only from Node 24.9 on, so they are turned into what the
 * importer wants. `@nestjs/throttler` requires Nest itself, which must not be there twice: it has a loader of its own.
 */
const REQUIRED_ESM = '(?:content-disposition|cookie|set-cookie-parser)';

/** Types are checked by `tsc`, once for all; here each file is only transpiled. */
const project = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^@nestjs/throttler$': '<rootDir>/test/support/throttler.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/.tollgate/'],
  transform: {
    '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }],
    [`/node_modules/${REQUIRED_ESM}/.+\\.js$`]: [
      'ts-jest',
      { useESM: true, tsconfig: { allowJs: true, module: 'esnext' }, diagnostics: false },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!${REQUIRED_ESM}/)`],
};

export default {
  testTimeout: 30_000,
  // Modules of ESM stay in memory for as long as their worker: without a new one now and then the last tests run in a third of the speed.
  workerIdleMemoryLimit: '1GB',
  projects: [
    { ...project, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...project,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/{integration,e2e}/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
};
