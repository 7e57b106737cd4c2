import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { makeId } from '../../core/ids.js';
import { type Actor, CONFIG, type Config, Sealing } from '../../platform/index.js';
import { Courier, type TestOutcome } from '../delivery/courier.js';
import { answered, confirmed } from '../unavailable.js';
import { makeWebhookSecret } from './webhook-secret.js';
import { privateHostOf } from './webhook-rules.js';
import { WebhooksStore } from './webhooks.store.js';
import { GENERATE, placeOf, type Webhook, type WebhookChanges, type WebhookWishes, type WebhookWithSecret } from './webhook.js';

/** Each alert goes to each of them. */
const MAX_WEBHOOKS = 100;

/**
 * Where alerts are sent, and what administrators decide about it. What they say has been held against `WEBHOOK_RULES`; undefined means
 * that there is no such webhook. Whatever is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class Webhooks {
  constructor(
    private readonly store: WebhooksStore,
    private readonly sealing: Sealing,
    @Inject(Courier) private readonly courier: Pick<Courier, 'test'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'alerts'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `invalid_request` for a secret that could not be kept and for a private address, `conflict` where there are 100 already. */
  async create(wishes: WebhookWishes, by: Actor): Promise<WebhookWithSecret> {
    const now = this.clock.now();
    const { secret: wish, ...given } = wishes;
    this.requireAllowed(given.url);
    const secret = this.toSecret(wish) ?? undefined;
    const id = makeId(now);
    const sealedSecret = this.sealed(secret, id);
    const defaults = { format: 'json', kinds: [], disabled: false } as const;
    const webhook = { ...defaults, ...given, url: new URL(given.url).href, id, sealedSecret, createdAt: now, changedAt: now };
    if (await confirmed(this.store.insert(webhook, MAX_WEBHOOKS, by))) return { webhook, secret };
    throw new GatewayError('conflict', `There are ${MAX_WEBHOOKS} webhooks already. Delete one that is not needed any more.`);
  }

  /** Newest first; all of them. */
  list(): Promise<readonly Webhook[]> {
    return answered(this.store.list());
  }

  find(id: string): Promise<Webhook | undefined> {
    return answered(this.store.find(id));
  }

  /** Throws `invalid_request` as `create` does. */
  async change(id: string, changes: WebhookChanges, by: Actor): Promise<WebhookWithSecret | undefined> {
    const { secret: wish, url, ...given } = changes;
    if (url !== undefined) this.requireAllowed(url);
    const secret = this.toSecret(wish);
    const change = (before: Webhook): Webhook => ({
      ...before,
      ...given,
      ...(url !== undefined && { url: new URL(url).href }),
      ...(secret !== undefined && { sealedSecret: this.sealed(secret ?? undefined, before.id) }),
      changedAt: this.clock.now(),
    });
    const isChange = Object.keys(changes).length > 0;
    const webhook = await confirmed(this.store.change(id, { by, action: 'change' }, (before) => (isChange ? change(before) : before)));
    return webhook && { webhook, secret: secret ?? undefined };
  }

  /** With all its deliveries. */
  delete(id: string, by: Actor): Promise<Webhook | undefined> {
    return confirmed(this.store.change(id, { by, action: 'delete' }, () => undefined));
  }

  /** Sends it something at once, also while it is off. */
  async test(id: string): Promise<TestOutcome | undefined> {
    const webhook = await this.find(id);
    return webhook && this.courier.test(webhook);
  }

  /** What is behind a name is found out when something is sent there. */
  private requireAllowed(url: string): void {
    const host = this.config.alerts.allowPrivateWebhooks ? undefined : privateHostOf(url);
    if (host === undefined) return;
    const message = `\`url\`: ${host} is a private, local or reserved address. Give a public one, or allow others with ALLOW_PRIVATE_WEBHOOKS=true.`;
    throw new GatewayError('invalid_request', message, { param: 'url' });
  }

  private toSecret(wish: string | null | undefined): string | null | undefined {
    if (wish == null) return wish;
    if (this.sealing.canSeal) return wish === GENERATE ? makeWebhookSecret() : wish;
    const message =
      '`secret`: secrets are stored encrypted, and there is no key for it. Set TOLLGATE_SECRET_KEYS, or leave the secret out.';
    throw new GatewayError('invalid_request', message, { param: 'secret' });
  }

  private sealed(secret: string | undefined, id: string): string | undefined {
    return secret === undefined ? undefined : this.sealing.seal(secret, placeOf(id));
  }
}
