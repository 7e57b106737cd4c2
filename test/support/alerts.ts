import { type Clock, systemClock } from '../../src/core/clock.js';
import { Alerts } from '../../src/alerts/alerts.js';
import { ALERTS_CHANNEL, AlertsStore } from '../../src/alerts/alerts.store.js';
import { Courier } from '../../src/alerts/delivery/courier.js';
import { Deliveries } from '../../src/alerts/delivery/deliveries.js';
import { DeliveriesStore } from '../../src/alerts/delivery/deliveries.store.js';
import { Dispatcher, DISPATCHER_LIMITS, type DispatcherLimits } from '../../src/alerts/delivery/dispatcher.js';
import { WebhookSender } from '../../src/alerts/delivery/webhook-sender.js';
import { Webhooks } from '../../src/alerts/webhooks/webhooks.js';
import { WebhooksStore } from '../../src/alerts/webhooks/webhooks.store.js';
import { Sealing, Secret } from '../../src/platform/index.js';
import type { Replica } from './replica.js';
import { silentLog } from './silent-log.js';

export interface AlertsOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<DispatcherLimits>;
  readonly secretKeys?: readonly string[];
}

/** The alerts of one process, whose webhooks may point to this machine. Its dispatcher is not started. */
export function alertsOver({ prisma, audit, database, notifications }: Replica, options: AlertsOptions = {}) {
  const { clock = systemClock, limits, secretKeys = ['a-key-of-at-least-32-characters!!!'] } = options;
  const stores = {
    alerts: new AlertsStore(prisma),
    webhooks: new WebhooksStore(prisma, audit, clock),
    deliveries: new DeliveriesStore(prisma, audit),
  };
  const sealing = new Sealing(secretKeys.map((key) => new Secret(key)));
  const sender = new WebhookSender({ isAllowed: () => true }, clock);
  const courier = new Courier(sender, sealing, stores.deliveries, stores.webhooks, clock);
  const { whenReachable } = database;
  const parts = { deliveries: stores.deliveries, courier, whenReachable, clock, log: silentLog };
  const dispatcher = new Dispatcher(parts, { ...DISPATCHER_LIMITS, ...limits });
  const hurry = (): void => dispatcher.hurry();
  notifications.subscribe(ALERTS_CHANNEL, hurry, hurry);
  return {
    alerts: new Alerts(stores.alerts, clock, silentLog),
    webhooks: new Webhooks(stores.webhooks, sealing, courier, { alerts: { allowPrivateWebhooks: true } }, clock),
    deliveries: new Deliveries(stores.deliveries, clock),
    dispatcher,
  };
}
