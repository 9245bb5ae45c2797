import { paths } from '../routes.ts';
import { useSession } from '../session/session-context.ts';
import { Link } from '../shell/link.tsx';
import { PageTitle } from '../shell/page-title.tsx';

/** The start: where one can go from here. */
export function HomePage() {
  const { account } = useSession();
  return (
    <>
      <PageTitle title="Start" />
      <p>You are signed in as {account.name}.</p>
      <ul className="choices">
        <li>
          <Link href={`${paths.keys}?within=P30D`}>Keys that stop within 30 days</Link>
        </li>
        <li>
          <Link href={paths.keys}>All keys</Link>
        </li>
        <li>
          <Link href={paths.newKey}>Issue a key</Link>
        </li>
      </ul>
    </>
  );
}
