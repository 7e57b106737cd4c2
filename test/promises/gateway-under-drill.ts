/** A gateway that a drill has started, and what it needs to know of it. */
export interface GatewayUnderDrill {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The database that it writes its ledger to. */
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

export interface BreakerTimes {
  readonly openMs: number;
  readonly windowMs: number;
}

/** Providers in order of priority, all of which have the model `DRILL_MODEL`. */
export interface DrillRoutes {
  readonly providers: readonly { readonly name: string; readonly baseUrl: string }[];
  readonly breaker: BreakerTimes;
}

export type StartGateway = (routes: DrillRoutes) => Promise<GatewayUnderDrill>;

export const DRILL_MODEL = 'drill-model';
