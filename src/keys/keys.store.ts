import { Injectable } from '@nestjs/common';
import type { Role } from '../core/caller.js';
import { PrismaService } from '../platform/index.js';
import type { KeyRecord, StoredKey } from './key-record.js';
import { ROLES } from './roles.js';

/** A role that this version does not know gives no rights: such keys are as good as absent. */
const KNOWN_ROLE = { role: { in: [...ROLES] } };
const SHOWN = {
  id: true,
  publicId: true,
  name: true,
  role: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  allowProviderState: true,
} as const;

interface Row {
  readonly id: string;
  readonly publicId: string;
  readonly name: string;
  readonly role: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly allowProviderState: boolean;
}

@Injectable()
export class KeysStore {
  constructor(private readonly prisma: PrismaService) {}

  async findByPublicIds(publicIds: readonly string[]): Promise<readonly StoredKey[]> {
    const rows = await this.prisma.apiKey.findMany({ where: { publicId: { in: [...publicIds] }, ...KNOWN_ROLE } });
    return rows.map((row) => ({ ...toRecord(row), secretHash: row.secretHash }));
  }

  async list(): Promise<readonly KeyRecord[]> {
    const rows = await this.prisma.apiKey.findMany({ select: SHOWN, where: KNOWN_ROLE, orderBy: { id: 'desc' } });
    return rows.map(toRecord);
  }

  async hasAny(): Promise<boolean> {
    return (await this.prisma.apiKey.findFirst({ select: { id: true } })) !== null;
  }

  async insert(keys: readonly StoredKey[]): Promise<void> {
    await this.prisma.apiKey.createMany({ data: keys.map(toRow) });
  }

  /** Keeps the time of the first revocation. */
  async revoke(publicId: string, revokedAt: number): Promise<KeyRecord | undefined> {
    await this.prisma.apiKey.updateMany({ where: { publicId, revokedAt: null }, data: { revokedAt: new Date(revokedAt) } });
    const row = await this.prisma.apiKey.findUnique({ select: SHOWN, where: { publicId, ...KNOWN_ROLE } });
    return row ? toRecord(row) : undefined;
  }
}

function toRecord(row: Row): KeyRecord {
  return {
    id: row.id,
    publicId: row.publicId,
    name: row.name,
    role: row.role as Role,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime(),
    revokedAt: row.revokedAt?.getTime(),
    allowProviderState: row.allowProviderState,
  };
}

function toRow({ id, publicId, secretHash, name, role, createdAt, expiresAt, revokedAt, allowProviderState }: StoredKey) {
  return {
    id,
    publicId,
    secretHash: new Uint8Array(secretHash),
    name,
    role,
    createdAt: new Date(createdAt),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    revokedAt: revokedAt === undefined ? null : new Date(revokedAt),
    allowProviderState,
  };
}
