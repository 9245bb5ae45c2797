import { ObservableValue, useStore } from './observable-value.ts';

const message = new ObservableValue('');

/** Has a screen reader say a sentence, whatever has the focus. */
export function announce(text: string): void {
  // A screen reader repeats a sentence only if the region changes.
  message.set(message.get() === text ? `${text}\u00a0` : text);
}

/** The live region of the page. There is one. */
export function LiveRegion() {
  return (
    <div role="status" className="unseen">
      {useStore(message)}
    </div>
  );
}
