import { useEffect, useRef } from 'react';
import { isNavigated } from './router.ts';

interface PageTitleProps {
  readonly title: string;
  /** Whether it takes the focus also without a navigation: it is the next step of a page. */
  readonly isFocused?: boolean;
}

/**
 * The heading of a page, and the title of the document. After a navigation it takes the focus when it appears, so that a
 * screen reader says where the person is; not when the path changes: a page that loads later is not there yet.
 */
export function PageTitle({ title, isFocused = false }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Keytide`;
  }, [title]);
  useEffect(() => {
    if (isFocused || isNavigated()) heading.current?.focus({ preventScroll: true });
  }, [isFocused]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}
