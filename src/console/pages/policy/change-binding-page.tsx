import { useQuery } from 'urql';
import { errorMessageOf } from '../../api/client.ts';
import { useChange } from '../../api/use-change.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { updateDocument } from './binding-changes.ts';
import { draftOfBinding, updateInputOf } from './binding-draft.ts';
import { BindingFlow } from './binding-flow.tsx';
import { MissingBinding } from './binding-page.tsx';
import { NotForYou } from './not-for-you.tsx';
import { BindingQuery, bindingOf, ModulesQuery, ownerNamesOf } from './policy-query.ts';

/** Changes a binding: a form with what is in force, what the change would do, and the confirmation of that. */
export function ChangeBindingPage({ id }: { readonly id: string }) {
  const { account } = useSession();
  const [modules, readModules] = useQuery({ query: ModulesQuery, variables: {}, requestPolicy: 'cache-and-network' });
  // Read once: what another person changes meanwhile must not replace what is typed here. The gateway finds the conflict.
  const [state, readAgain] = useQuery({ query: BindingQuery, variables: { id }, requestPolicy: 'network-only' });
  const change = useChange(updateDocument, 'updateBinding');
  if (!account.isAdministrator) return <NotForYou />;
  const error = state.error ?? modules.error;
  if (error !== undefined) {
    const retry = () => {
      readAgain({ requestPolicy: 'network-only' });
      readModules({ requestPolicy: 'network-only' });
    };
    return <Problem title="The binding could not be read" message={errorMessageOf(error)} onRetry={retry} />;
  }
  if (state.data === undefined || modules.data === undefined) return <Waiting what="the binding" />;
  const binding = bindingOf(state.data.node);
  if (binding === null || binding.unboundAt !== null) return <MissingBinding />;
  const { policies, realms } = modules.data;
  const versions = policies.filter(({ name }) => name === binding.policy);
  const module = versions.find(({ hash }) => hash === binding.hash) ?? versions[0] ?? null;
  const realm = realms.edges.find(({ node }) => node.slug === binding.realm.slug)?.node;
  return (
    <BindingFlow
      title={`Change “${binding.title}”`}
      back={paths.binding(id)}
      target={{ kind: 'CHANGE', realm: binding.realm.slug, bindingId: id }}
      module={module}
      versions={versions}
      initial={draftOfBinding(binding)}
      minimumNotice={realm?.minimumNotice ?? binding.noticePeriod}
      owners={ownerNamesOf(modules.data)}
      wasEnforced={binding.mode === 'ENFORCED'}
      run={async (draft, confirmation) => {
        const success = await change[0]({ input: updateInputOf(id, draft, confirmation) });
        return success?.binding.id ?? null;
      }}
      state={change[1]}
    />
  );
}
