import { Injectable } from '@nestjs/common';

/** What has to be so before this process may get calls, and why it is not; `problem` is undefined where it is. */
export interface Requirement {
  readonly name: string;
  readonly problem: string | undefined;
}

/** What rooms ask for before the process may get calls: `/health/ready` names those that are not fulfilled. */
@Injectable()
export class Readiness {
  private readonly required = new Map<string, () => string | undefined>();

  /**
   * `problemOf` says in a sentence why it is not fulfilled, or undefined. It is asked by an open route: it must be quick, and ask no
   * store. `name` is a word of its own; whoever uses it again replaces what it stood for.
   */
  require(name: string, problemOf: () => string | undefined): void {
    this.required.set(name, problemOf);
  }

  all(): readonly Requirement[] {
    return Array.from(this.required, ([name, problemOf]) => ({ name, problem: problemOf() }));
  }
}
