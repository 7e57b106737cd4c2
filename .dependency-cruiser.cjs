/**
 * The ranks of the rooms, lowest first. A room may import rooms below it, never its equals and never upwards;
 * what two equals share is a type in `core`, or is joined in `chat`.
 */
const RANKS = [
  ['core'],
  ['dialects', 'platform'],
  ['providers', 'routing', 'keys', 'limits', 'usage', 'cache', 'templates', 'alerts'],
  ['chat'],
  ['admin', 'health', 'cli'],
];
const anyOf = (rooms) => `(?:${rooms.join('|')})`;
const SPEC = '\\.spec\\.ts$';
const GENERATED = '^src/platform/database/generated/';

const upwards = RANKS.slice(0, -1).map((rooms, rank) => ({
  name: `rank-of-${rooms[0]}-looks-down-only`,
  severity: 'error',
  from: { path: `^src/${anyOf(rooms)}/` },
  to: { path: `^src/${anyOf(RANKS.slice(rank + 1).flat())}/` },
}));

const strangers = RANKS.filter((rooms) => rooms.length > 1).map((rooms) => ({
  name: `rank-of-${rooms[0]}-are-strangers`,
  severity: 'error',
  from: { path: `^src/(${rooms.join('|')})/` },
  to: { path: `^src/${anyOf(rooms)}/`, pathNot: '^src/$1/' },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { pathNot: GENERATED }, to: { circular: true } },
    ...upwards,
    ...strangers,
    {
      name: 'every-room-has-a-rank',
      comment: 'A new room is first given its rank in this file.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/${anyOf(RANKS.flat())}/` },
    },
    {
      name: 'enter-by-the-door',
      comment: 'Each room but core is entered through its index.ts.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/(?!core/)[^/]+/(?!index\\.ts$)', pathNot: '^src/$1/' },
    },
    {
      name: 'the-top-enters-by-the-door',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/(?!core/)[^/]+/(?!index\\.ts$)' },
    },
    { name: 'no-room-imports-the-top', severity: 'error', from: { path: '^src/[^/]+/' }, to: { path: '^src/[^/]+\\.ts$' } },
    { name: 'app-module-knows-no-main', severity: 'error', from: { path: '^src/(?!main\\.ts$)' }, to: { path: '^src/main\\.ts$' } },
    {
      name: 'core-is-pure',
      comment: 'core imports itself alone, and node:crypto for random ids.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: SPEC },
      to: { pathNot: '^(?:src/core/|(?:node:)?crypto$)' },
    },
    {
      name: 'dialects-are-pure',
      comment: 'A dialect translates; it neither calls nor stores, and knows no framework. Ids are mapped by a digest.',
      severity: 'error',
      from: { path: '^src/dialects/', pathNot: SPEC },
      to: { pathNot: '^src/(?:core|dialects)/|^(?:node:)?(?:crypto|buffer)$|(?:^|/)node_modules/zod/' },
    },
    {
      name: 'prisma-in-stores-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/database/|\\.store\\.ts$' },
      to: { path: '^src/platform/database/generated/|(?:^|/)node_modules/@prisma/' },
    },
    {
      name: 'http-at-the-edge-only',
      comment: 'Below the controllers nothing knows Fastify: a refusal is a GatewayError, a caller is an argument.',
      severity: 'error',
      from: {
        path: `^src/${anyOf(RANKS.slice(0, 4).flat())}/`,
        pathNot: '^src/platform/http/|^src/chat/client-stream\\.ts$|\\.(?:controller|guard|filter|interceptor|module)\\.ts$',
      },
      to: { path: '(?:^|/)node_modules/(?:fastify|@nestjs/platform-fastify)/' },
    },
    {
      name: 'source-is-not-test',
      comment: 'What ships imports neither tests, benchmarks nor scripts.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: `^(?:test|bench|scripts)/|${SPEC}` },
    },
    {
      name: 'no-development-package-in-source',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '(?:^|/)node_modules/@types/' },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      from: { path: '^(?:src|test|bench|scripts)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['(?:^|/)node_modules/', GENERATED] },
    exclude: { path: '^(?:dist|coverage|ui)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
