import { ObservableValue } from '../shell/observable-value.ts';

/** The period that a person points at, and the lane that it is read of. */
export interface ReadPeriod {
  readonly index: number;
  /** Id of the owner; an empty text: all owners. */
  readonly lane: string;
}

/** What is read out of a timeline: a change of it renders its words again, and no lane. */
export class Readout extends ObservableValue<ReadPeriod | null> {
  constructor() {
    super(null);
  }

  show(index: number, lane: string): void {
    const before = this.get();
    if (before?.index !== index || before.lane !== lane) this.set({ index, lane });
  }
}
