import type { Gateway } from './gateway.ts';

/** Gives the binding of a policy in the realm `default` another configuration, from now on. */
export async function configure(gateway: Gateway, policy: string, config: object): Promise<void> {
  const admin = await gateway.admin();
  const { data } = await gateway.ask('{ realm(slug: "default") { bindings { id policy } } }', {}, admin);
  const bindings = data['realm'].bindings as { id: string; policy: string }[];
  const bindingId = bindings.find((binding) => binding.policy === policy)!.id;
  const { data: changed } = await gateway.ask(
    'mutation ($input: UpdateBindingInput!) { updateBinding(input: $input) { __typename ... on UserError { message } } }',
    { input: { bindingId, config } },
    admin,
  );
  if (changed['updateBinding'].__typename !== 'UpdateBindingSuccess') throw new Error(JSON.stringify(changed));
}
