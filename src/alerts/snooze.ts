/** A wait that can be cut short. Who is woken while not waiting does not wait the next time. Keeps no process alive. */
export class Snooze {
  private timer: NodeJS.Timeout | undefined;
  private resolve: (() => void) | undefined;
  private isWoken = false;

  async wait(ms: number): Promise<void> {
    if (!this.isWoken) {
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
        this.timer = setTimeout(resolve, ms).unref();
      });
    }
    this.isWoken = false;
    this.resolve = undefined;
  }

  wake(): void {
    this.isWoken = true;
    clearTimeout(this.timer);
    this.resolve?.();
  }
}
