import { useId, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { navigationEntries } from '../routes.ts';
import { Link } from './link.tsx';
import { usePlace } from './router.ts';

/**
 * The links to the pages: a row of links, or in a narrow window a menu, which closes after a navigation, on Escape, and when
 * the focus leaves it.
 */
export function Navigation() {
  const { path } = usePlace();
  // The menu is open on the page where it was opened, and on no other.
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const isOpen = openedAt === path;
  const toggle = useRef<HTMLButtonElement>(null);
  const listId = useId();
  const close = () => setOpenedAt(null);
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape' || !isOpen) return;
    close();
    toggle.current?.focus();
  };
  const closeOnLeave = ({ currentTarget, relatedTarget }: FocusEvent) => {
    // No target: the window has lost the focus, or a browser does not focus the link that is clicked.
    if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) close();
  };
  return (
    <nav aria-label="Pages" onKeyDown={closeOnEscape} onBlur={closeOnLeave}>
      <button
        ref={toggle}
        type="button"
        className="menu-toggle"
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={() => setOpenedAt(isOpen ? null : path)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h12" />
        </svg>
        Menu
      </button>
      <ul id={listId} className={isOpen ? 'entries open' : 'entries'}>
        {navigationEntries.map(({ href, name }) => (
          <li key={href}>
            <Link
              href={href}
              // The page of this very address closes the menu too.
              onClickCapture={() => path === href && close()}
              {...((path === href || path.startsWith(`${href}/`)) && { 'aria-current': 'page' })}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
