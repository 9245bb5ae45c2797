import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';

const NAMED_MAX = 3;

/** The keys that an answer names, as links; without any: all keys of the owner. */
export function KeysOfOwner({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return 'for all of its keys';
  const named = ids.slice(0, NAMED_MAX);
  return (
    <>
      for{' '}
      {named.map((id, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link href={paths.key(id)}>key {id.slice(-6)}</Link>
        </span>
      ))}
      {ids.length > named.length && ` and ${String(ids.length - named.length)} more`}
    </>
  );
}
