import { Module } from '@nestjs/common';
import { KeyGuard } from './key.guard.js';
import { KeysService } from './keys.service.js';
import { KeysStore } from './keys.store.js';

@Module({ providers: [KeysStore, KeysService, KeyGuard], exports: [KeysService, KeyGuard] })
export class KeysModule {}
