import { useEffect, useRef } from 'react';

interface ViewTitleProps {
  readonly title: string;
  /** Whether it takes the focus when it appears, so that a screen reader says what is shown now. */
  readonly isFocused: boolean;
}

/** The heading of what the element shows. The page around it has the first heading. */
export function ViewTitle({ title, isFocused }: ViewTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isFocused) heading.current?.focus({ preventScroll: true });
  }, [isFocused]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {title}
    </h2>
  );
}
