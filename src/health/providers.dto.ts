import { ProviderDto } from '../chat/index.js';

export class ProviderListDto {
  /** @example list */
  readonly object!: string;
  readonly data!: ProviderDto[];
}
