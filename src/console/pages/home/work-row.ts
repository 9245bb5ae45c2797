import type { ReactNode } from 'react';

/** Where a thing is done. */
export interface WorkTarget {
  readonly name: string;
  readonly href: string;
}

/** One thing that waits for a person. */
export interface WorkRow {
  readonly id: string;
  readonly title: string;
  /** Why it waits, and for how long. */
  readonly detail: ReactNode;
  /** The one thing to do. */
  readonly action: WorkTarget;
}

/** Things of one kind that wait for a person: the first of them. */
export interface WorkGroup {
  readonly title: string;
  readonly count: number;
  /** Whether there may be more than were counted. */
  readonly isLeast: boolean;
  readonly rows: readonly WorkRow[];
  /** Where all of them are; null: there is no such list. */
  readonly all: WorkTarget | null;
}
