import { ApiProperty } from '@nestjs/swagger';

const ANY_VALUE = [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'array', items: {} }, { type: 'object' }];

export class SettingDto {
  /**
   * A variable, or a key of the file with the entries of its lists by their names.
   * @example providers.openai.base_url
   */
  readonly name!: string;
  /** null = unset. A secret is `***`. */
  @ApiProperty({ type: undefined, nullable: true, oneOf: ANY_VALUE })
  readonly value!: unknown;
  /** Where the value came from. */
  readonly source!: 'environment' | 'file' | 'default';
}

export class ConfigProblemDto {
  /** @example 2026-11-21T15:04:05.000Z */
  readonly at!: string;
  /**
   * Everything that is wrong with the file, one line each.
   * @example ["providers[0].type: expected openai or echo, found \"opnai\""]
   */
  readonly problems!: string[];
}

export class RunningConfigDto {
  /**
   * Names the content of the file: the same on every replica that runs with the same.
   * @example 5f0c2b7a91de
   */
  readonly version!: string;
  /**
   * Since when this process runs with it.
   * @example 2026-11-21T15:00:00.000Z
   */
  readonly loaded_at!: string;
  /**
   * null = there is no file.
   * @example /etc/tollgate/tollgate.yaml
   */
  readonly file!: string | null;
  /** Why the file as it stands now is not what runs; null = it is. */
  readonly last_problem!: ConfigProblemDto | null;
  readonly settings!: SettingDto[];
}
