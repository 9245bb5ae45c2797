import { paths } from '../routes.ts';
import { Link } from '../shell/link.tsx';
import { PageTitle } from '../shell/page-title.tsx';

export function MissingPage() {
  return (
    <>
      <PageTitle title="There is no such page" />
      <p>
        The address may be mistyped, or from another version of Keytide. <Link href={paths.home}>Go to the start</Link>
      </p>
    </>
  );
}
