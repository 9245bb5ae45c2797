import { graphql } from '../../api/graphql.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';

const OpenRolloutsQuery = graphql(`
  query OpenRollouts($realm: String!) {
    rollouts(first: 100, realm: $realm, states: [PROPOSED, RUNNING, PAUSED, INCONCLUSIVE]) {
      edges {
        node {
          id
          title
          binding {
            id
          }
        }
      }
    }
  }
`);

interface OpenRolloutProps {
  /** The slug of the realm. */
  readonly realm: string;
  readonly bindingId: string;
}

/** Says that a rollout changes a binding, so that other changes of it are refused. Shows nothing without one. */
export function OpenRolloutNotice({ realm, bindingId }: OpenRolloutProps) {
  const [{ data }] = useLiveQuery({
    query: OpenRolloutsQuery,
    variables: { realm },
    concerns: ({ type }) => type.startsWith('ROLLOUT_'),
  });
  const open = data?.rollouts.edges.find(({ node }) => node.binding.id === bindingId)?.node;
  if (open === undefined) return null;
  return (
    <p className="notice">
      A rollout changes this policy in stages: <Link href={paths.rollout(open.id)}>{open.title}</Link>. Other changes of
      it are refused until the rollout has ended.
    </p>
  );
}
