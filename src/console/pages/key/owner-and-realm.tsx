import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { KeyDetails } from './key-query.ts';

/** The owner and the realm of a key, with links to their pages. A customer has no page. */
export function OwnerAndRealm({ of: { owner, realm } }: { readonly of: Pick<KeyDetails, 'owner' | 'realm'> }) {
  const page = pageOfOwner(owner.id);
  return (
    <>
      <dt>Owner</dt>
      <dd>{page === null ? owner.name : <Link href={page}>{owner.name}</Link>}</dd>
      <dt>Realm</dt>
      <dd>
        <Link href={paths.realm(realm.slug)}>{realm.name}</Link>
      </dd>
    </>
  );
}

function pageOfOwner(id: string): string | null {
  if (id.startsWith('account_')) return paths.person(id);
  return id.startsWith('organization_') ? paths.organization(id) : null;
}
