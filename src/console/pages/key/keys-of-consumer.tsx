import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { nameOfConsumer } from './usage.tsx';

/** What stands for the consumers beyond the first 200 of a secret. */
const OTHERS = '(others)';

/** The name of a consumer, with a link to all keys that it uses. */
export function KeysOfConsumer({ name }: { readonly name: string }) {
  if (name === '' || name === OTHERS) return nameOfConsumer(name);
  return (
    <Link href={`${paths.keys}?consumer=${encodeURIComponent(name)}`} title="All keys that it uses">
      {name}
    </Link>
  );
}
