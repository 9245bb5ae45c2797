import { createContext, use, useEffect, type ReactNode } from 'react';
import { ObservableValue, useStore } from '../shell/observable-value.ts';
import { Dialog } from './dialog.tsx';
import { CopyButton } from './copy-button.tsx';

/** A text that the gateway returns once, such as the secret of a new key. */
export interface ShownOnce {
  readonly title: string;
  readonly what: 'secret' | 'link';
  readonly text: string;
  /** What the text is, and what to do with it. */
  readonly meaning: ReactNode;
  /** What stands below the text. */
  readonly details?: ReactNode;
  /** Called when the person has confirmed that they have the text. */
  readonly onConfirm?: () => void;
}

export type ShownOnceStore = ObservableValue<ShownOnce | null>;

/** The text that the page, or the element, shows now. The console has one store; each element has its own. */
export const ShownOnceContext = createContext<ShownOnceStore>(new ObservableValue<ShownOnce | null>(null));

/**
 * Returns how to show a text that is shown once. The text stays on the screen until the person confirms that they have it,
 * whatever becomes of the page that got it: an error, a navigation, the end of the session.
 */
export function useShowOnce(): (shown: ShownOnce) => void {
  const store = use(ShownOnceContext);
  return (shown) => store.set(shown);
}

/** The dialog of the text that is shown once. It stands beside the pages. `notice`: what has become of the session meanwhile. */
export function ShownOnceDialog({ notice }: { readonly notice: string | null }) {
  const store = use(ShownOnceContext);
  const shown = useStore(store);
  if (shown === null) return null;
  const confirm = () => {
    store.set(null);
    shown.onConfirm?.();
  };
  return <OpenDialog shown={shown} notice={notice} onConfirm={confirm} />;
}

interface OpenDialogProps {
  readonly shown: ShownOnce;
  readonly notice: string | null;
  readonly onConfirm: () => void;
}

function OpenDialog({ shown: { title, what, text, meaning, details }, notice, onConfirm }: OpenDialogProps) {
  useEffect(() => {
    // The browser asks before it leaves the page: the text cannot be shown again.
    const ask = (event: Event) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
  return (
    <Dialog title={title} onClose={onConfirm} isKept>
      {notice !== null && (
        <p className="field-problem" role="alert">
          {notice} The {what} stays here until you have it.
        </p>
      )}
      <p>{meaning}</p>
      <code className="secret" aria-label={what === 'secret' ? 'Secret' : 'Link'} role="group">
        {text}
      </code>
      <CopyButton text={text} what={`the ${what}`} />
      {details}
      <div className="buttons">
        <button type="button" className="primary" onClick={onConfirm}>
          {what === 'secret' ? 'I have stored it' : 'I have the link'}
        </button>
      </div>
    </Dialog>
  );
}
