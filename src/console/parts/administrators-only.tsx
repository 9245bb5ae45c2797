import type { ReactNode } from 'react';
import { PageTitle } from '../shell/page-title.tsx';

interface AdministratorsOnlyProps {
  /** The title of the page. */
  readonly title: string;
  /** What the person can do instead. */
  readonly children: ReactNode;
}

/** Stands in place of a page that only administrators may use: says so, and what the person can do instead. */
export function AdministratorsOnly({ title, children }: AdministratorsOnlyProps) {
  return (
    <>
      <div className="title-row">
        <PageTitle title={title} />
      </div>
      <section className="sheet">
        <p>
          <strong>Only administrators of this gateway can use this page.</strong>
        </p>
        <p>{children}</p>
      </section>
    </>
  );
}
