import { useQuery } from 'urql';
import { OwnKeys } from './own-keys.tsx';
import { AnsweringQuery, type AnsweringOwner } from './owners-query.ts';
import type { RolloutDetails } from './rollout-query.ts';

/** For so many owners a page shows keys. */
const OWNERS_MAX = 30;

interface OwnersPartProps {
  readonly rollout: RolloutDetails;
  /** Reads the rollout again, after an answer. */
  readonly onChanged: () => void;
}

/** What the rollout does to the keys for which the person may answer, and the answers: for the person, and for each organization. */
export function OwnersPart({ rollout, onChanged }: OwnersPartProps) {
  const [{ data }] = useQuery({ query: AnsweringQuery, variables: {} });
  const account = data?.viewer;
  if (account == null || !('memberships' in account)) return null;
  const managed = account.memberships.filter(({ role }) => role !== 'MEMBER').map(({ organization }) => organization);
  const owners: AnsweringOwner[] = [{ id: account.id, name: 'you' }, ...managed];
  return owners
    .slice(0, OWNERS_MAX)
    .map((owner) => <OwnKeys key={owner.id} owner={owner} of={rollout} onChanged={onChanged} />);
}
