import './policies.css';
import { MissingPage } from '../missing-page.tsx';
import { BindPage } from './bind-page.tsx';
import { BindingPage } from './binding-page.tsx';
import { ChangeBindingPage } from './change-binding-page.tsx';
import { ModulePage } from './module-page.tsx';
import { PolicyListPage } from './policy-list-page.tsx';

/** The pages below /policies: the list, a module, a binding, and the forms that bind and change. */
export default function PoliciesPage({ rest }: { readonly rest: readonly string[] }) {
  const [kind, id, action, ...more] = rest;
  if (kind === undefined) return <PolicyListPage />;
  if (id === undefined || more.length > 0) return <MissingPage />;
  switch (`${kind} ${action ?? ''}`) {
    case 'modules ':
      return <ModulePage name={id} />;
    case 'modules bind':
      return <BindPage name={id} />;
    case 'bindings ':
      return <BindingPage id={id} />;
    case 'bindings change':
      return <ChangeBindingPage id={id} />;
    default:
      return <MissingPage />;
  }
}
