/** Bytes that may be held in memory at a time, by all who share it. */
export class ByteQuota {
  private held = 0;

  constructor(private readonly most: number) {}

  /** False where there is no room; then nothing was taken. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.most) return false;
    this.held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}
