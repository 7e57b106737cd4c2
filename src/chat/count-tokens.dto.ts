export class TokenCountDto {
  /**
   * Of system prompt, messages and tools together.
   * @example 12
   */
  readonly input_tokens!: number;
}
