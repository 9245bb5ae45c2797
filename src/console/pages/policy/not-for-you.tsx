import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';

export function NotForYou() {
  return (
    <>
      <PageTitle title="Only administrators bind policies" />
      <p>
        Ask an administrator, or see what is bound. <Link href={paths.policies}>All policies</Link>
      </p>
    </>
  );
}
