/** Who asks for a change: a key, by its id and the name that people know it by. */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

type AuditValue = string | number | boolean | null | readonly AuditValue[] | AuditFacts;

/** What administrators may see of a thing. Amounts of money are text; no secret and no digest of one belongs here. */
export interface AuditFacts {
  readonly [field: string]: AuditValue;
}

/** One change. */
export interface AuditEntry {
  readonly actor: Actor;
  /** A verb: `create`, `change`, `delete`, `revoke`, … */
  readonly action: string;
  /** What kind of thing was changed: `key`, `team`, `toggle`, … */
  readonly entity: string;
  readonly entityId: string;
  /** What it was; undefined = there was none. */
  readonly before?: AuditFacts | undefined;
  /** What it has become; undefined = there is none any more. */
  readonly after?: AuditFacts | undefined;
}

export interface AuditRecord extends AuditEntry {
  /** Rises with time. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface AuditQuestion {
  /** Only what is older than the record with this id. */
  readonly before?: string | undefined;
  /** At most so many. */
  readonly limit: number;
  /** Only this kind of thing. */
  readonly entity?: string | undefined;
  /** Only what the key with this id asked for. */
  readonly actor?: string | undefined;
}
