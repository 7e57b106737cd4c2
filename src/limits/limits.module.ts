import { Module } from '@nestjs/common';
import { ADMISSION } from './admission.js';
import { LocalAdmission } from './local-admission.js';
import { ThrottlingModule } from './throttling.module.js';

@Module({
  imports: [ThrottlingModule],
  providers: [{ provide: ADMISSION, useClass: LocalAdmission }],
  exports: [ADMISSION],
})
export class LimitsModule {}
