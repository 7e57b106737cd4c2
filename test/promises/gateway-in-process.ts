import { CLIENT_KEY, scriptedProvider, startGateway } from '../support/gateway.js';
import { DRILL_MODEL, type DrillRoutes, type GatewayUnderDrill } from './gateway-under-drill.js';

/** The tests' own configuration never opens a breaker. */
const AS_SHIPPED = { minimumCalls: 10, consecutive: 20 };

/** A whole gateway in this process, on the Postgres of the tests: for the short forms that run with them. */
export async function createGatewayInProcess({ providers, breaker }: DrillRoutes): Promise<GatewayUnderDrill> {
  const gateway = await startGateway({
    providers: providers.map(({ name, baseUrl }, at) => scriptedProvider(baseUrl, { name, models: [DRILL_MODEL], priority: at + 1 })),
    breaker: { ...AS_SHIPPED, ...breaker },
    log: { level: 'warn' },
  });
  return { baseUrl: gateway.baseUrl, apiKey: CLIENT_KEY, databaseUrl: gateway.databaseUrl, stop: () => gateway.stop() };
}
