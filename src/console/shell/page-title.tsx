import { useEffect, useRef, type ReactNode } from 'react';
import { isNavigated } from './router.ts';

/**
 * The heading of a page, and the title of the document. After a navigation it takes the focus when it appears, so that a
 * screen reader says where the person is; not when the path changes: a page that loads later is not there yet.
 */
export function PageTitle({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Keytide`;
  }, [title]);
  useEffect(() => {
    if (isNavigated()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
