import type { CombinedError } from 'urql';
import { ObservableValue } from '../shell/observable-value.ts';

/** A change that waits until the person has given the password again. */
export interface PasswordQuestion {
  /** Ends the question. `isGiven`: the gateway has accepted the password. */
  readonly answer: (isGiven: boolean) => void;
}

/** The question that the page shows now; null: none. */
export const passwordQuestion = new ObservableValue<PasswordQuestion | null>(null);

let asking: Promise<boolean> | null = null;

/** Whether the gateway refused a change because it outlives the session of the page (docs/decisions/0038). */
export function needsPassword(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions }) => extensions['passwordRequired'] === true) === true;
}

/**
 * Asks the person for the password, in a dialog. Resolves with whether the gateway accepted it: a change may then be repeated,
 * for 5 minutes. Changes that ask meanwhile share the answer.
 */
export function askPassword(): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => {
    const answer = (isGiven: boolean) => {
      passwordQuestion.set(null);
      asking = null;
      resolve(isGiven);
    };
    passwordQuestion.set({ answer });
  });
  return asking;
}
