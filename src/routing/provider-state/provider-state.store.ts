import { Injectable } from '@nestjs/common';
import type { ProviderId } from '../../core/provider-state.js';
import { PrismaService } from '../../platform/index.js';
import type { Binding } from './binding.js';

/** Where bindings outlive the process and are shared by replicas. */
@Injectable()
export class ProviderStateStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Every tenant's bindings of these ids, the oldest first. */
  async load(ids: readonly ProviderId[]): Promise<readonly Binding[]> {
    const asked = JSON.stringify(ids.map(({ kind, id }) => ({ kind, id })));
    return this.prisma.$queryRaw<Binding[]>`
      SELECT kind, id, provider, account, tenant
      FROM json_to_recordset(${asked}::json) AS asked(kind text, id text)
      JOIN provider_ids USING (kind, id)
      ORDER BY created_at`;
  }

  /**
   * Binds what is not bound yet and answers with it: who comes second changes nothing. In the order of the key, so that two
   * replicas that bind the same at once do not wait for each other in a circle.
   */
  async insert(bindings: readonly Binding[], createdAt: number): Promise<readonly Pick<Binding, 'kind' | 'id' | 'provider' | 'account'>[]> {
    return this.prisma.$queryRaw`
      INSERT INTO provider_ids (kind, id, provider, account, tenant, created_at)
      SELECT kind, id, provider, account, tenant, ${new Date(createdAt)}::timestamptz
      FROM json_to_recordset(${JSON.stringify(bindings)}::json)
        AS made(kind text, id text, provider text, account text, tenant text)
      ORDER BY kind, id, provider, account
      ON CONFLICT DO NOTHING
      RETURNING kind, id, provider, account`;
  }
}
