import { APP_ENVIRONMENTS, LOG_LEVELS } from '../config.js';
import { hostName, origins, proxies } from './address.kinds.js';
import { atLeast, choice, flag, integer, kind, path, text } from './kind.js';
import type { Rows } from './row.js';

const levels = choice(LOG_LEVELS, { warning: 'warn', critical: 'fatal' });
const workers = kind('an integer from 1 to 256, or auto', (written) =>
  written === 'auto' ? 'auto' : integer(1, 256).schema.safeParse(written).data,
);

export const SERVER_ROWS = {
  HOST: { kind: hostName, default: '0.0.0.0', meaning: 'Address to listen on.' },
  PORT: {
    kind: integer(0, 65_535, 'an integer from 1 to 65535 (0 = any free port)'),
    default: '8000',
    meaning: 'Port to listen on.',
  },
  APP_ENV: {
    kind: choice(APP_ENVIRONMENTS),
    default: 'development',
    meaning: 'Where this installation stands. In `production` there must be a provider: the built-in `echo` does not step in.',
  },
  APP_NAME: { kind: text, default: 'tollgate', meaning: 'What this installation is called.' },
  LOG_LEVEL: { kind: levels, default: 'info', meaning: 'The least severe events that are logged.' },
  TOLLGATE_CONFIG: {
    kind: path,
    unset: '`tollgate.yaml` if it exists',
    meaning: 'Path of the configuration file.',
    example: './tollgate.yaml',
  },
  CORS_ORIGINS: {
    kind: origins,
    unset: 'none',
    meaning: 'Origins whose pages may call the gateway from a browser; `*` is any.',
    example: 'https://app.example.com',
  },
  TRUST_PROXY: {
    kind: proxies,
    unset: 'none',
    meaning: 'Addresses and networks of your own proxies: only their `X-Forwarded-For` is believed.',
    example: '10.0.0.0/8',
  },
  MAX_BODY_BYTES: { kind: atLeast(1_024), default: '20971520', meaning: 'The longest request body that is accepted.' },
  DRAIN_TIMEOUT_MS: { kind: atLeast(0), default: '120000', meaning: 'How long calls and streams may finish after SIGTERM.' },
  DRAIN_SETTLE_MS: {
    kind: atLeast(0),
    default: '5000',
    meaning: 'How long the gateway still takes new calls after it has reported itself not ready, so that load balancers notice.',
    effective: false,
  },
  KEEP_ALIVE_INTERVAL_MS: {
    kind: atLeast(0),
    default: '10000',
    meaning: 'Silence of a model after which a stream gets a comment that keeps it open; `0` = never.',
  },
  MAX_CALLS_IN_FLIGHT: {
    kind: atLeast(0),
    default: '0',
    meaning: 'Model calls at the same time, above which new ones are refused with 503; `0` = no limit.',
    effective: false,
  },
  WORKERS: {
    kind: workers,
    default: '1',
    meaning: 'Processes on this machine; `auto` = one per core. More than one needs `REDIS_URL`.',
    effective: false,
  },
  PROBE_INTERVAL_MS: {
    kind: atLeast(0),
    default: '0',
    meaning:
      'How often each provider is asked for something that costs nothing, such as its list of models; `0` = providers are watched by their traffic alone.',
  },
  LOG_PROMPTS: { kind: flag, default: 'false', meaning: 'Write prompts and answers to the log.', effective: false },
} satisfies Rows;
