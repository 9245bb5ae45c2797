import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Whether Escape leaves it open: for what is shown once. */
  readonly isKept?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog of the browser: it keeps the focus within itself, and gives it back when it closes. */
export function Dialog({ title, onClose, isKept = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    const root = rootOf(shown);
    const before = root.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      else titleIn(root)?.focus();
    };
  }, []);
  // Its content has changed: the secret in place of the form. The focus was on what is gone.
  useEffect(() => {
    if (!(dialog.current?.contains(rootOf(dialog.current).activeElement) ?? false)) heading.current?.focus();
  });
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        // The second Escape in a row would close the dialog without an event that can be prevented.
        if (event.key !== 'Escape') return;
        event.preventDefault();
        if (!isKept) onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        if (!isKept) onClose();
      }}
    >
      <h2 id={titleId} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

/** Returns the heading that takes the focus: that of the page, or in a custom element the first one. */
function titleIn(root: Document | ShadowRoot): HTMLElement | null {
  return root.querySelector<HTMLElement>('h1') ?? root.querySelector<HTMLElement>('h2[tabindex]');
}

/** Returns the tree that an element is in: the document, or the shadow root of a custom element, which knows its own focus. */
function rootOf(element: Element | null): Document | ShadowRoot {
  const root = element?.getRootNode();
  return root instanceof ShadowRoot ? root : document;
}
