import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { CONFIG, type Config, Database, LOG, type Log, Notifications, Sealing } from '../platform/index.js';
import { isPublicAddress } from './address/public-address.js';
import { Alerts } from './alerts.js';
import { ALERTS_CHANNEL, AlertsStore } from './alerts.store.js';
import { Courier } from './delivery/courier.js';
import { Deliveries } from './delivery/deliveries.js';
import { DeliveriesStore } from './delivery/deliveries.store.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { WebhookSender } from './delivery/webhook-sender.js';
import { Webhooks } from './webhooks/webhooks.js';
import { WebhooksStore } from './webhooks/webhooks.store.js';

/** What administrators should know, and how it reaches them. */
@Module({
  providers: [
    AlertsStore,
    DeliveriesStore,
    WebhooksStore,
    { provide: Sealing, useFactory: openSealing, inject: [CONFIG] },
    { provide: Alerts, useFactory: openAlerts, inject: [AlertsStore, CLOCK, LOG] },
    { provide: WebhookSender, useFactory: openSender, inject: [CONFIG, CLOCK] },
    { provide: Dispatcher, useFactory: openDispatcher, inject: [DeliveriesStore, Courier, Database, CLOCK, LOG] },
    Courier,
    Webhooks,
    Deliveries,
  ],
  exports: [Alerts, Webhooks, Deliveries],
})
export class AlertsModule {
  constructor(dispatcher: Dispatcher, notifications: Notifications) {
    const hurry = (): void => dispatcher.hurry();
    notifications.subscribe(ALERTS_CHANNEL, hurry, hurry);
  }
}

function openSealing(config: Pick<Config, 'keys'>): Sealing {
  return new Sealing(config.keys.secretKeys);
}

function openAlerts(store: AlertsStore, clock: Clock, log: Log): Alerts {
  return new Alerts(store, clock, log);
}

function openSender(config: Pick<Config, 'alerts'>, clock: Clock): WebhookSender {
  return new WebhookSender({ isAllowed: config.alerts.allowPrivateWebhooks ? () => true : isPublicAddress }, clock);
}

function openDispatcher(deliveries: DeliveriesStore, courier: Courier, { whenReachable }: Database, clock: Clock, log: Log): Dispatcher {
  return new Dispatcher({ deliveries, courier, whenReachable, clock, log });
}
