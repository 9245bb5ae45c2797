import '../policy/policies.css';
import './rollout.css';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { parseDuration } from '../../../domain/duration.ts';
import { errorMessageOf } from '../../api/client.ts';
import type { PolicyModulesQuery } from '../../api/operations.ts';
import { AdministratorsOnly } from '../../parts/administrators-only.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { usePlace } from '../../shell/router.ts';
import {
  BindingQuery,
  bindingOf,
  ModulesQuery,
  ownerNamesOf,
  RealmPoliciesQuery,
  type BindingDetails,
} from '../policy/policy-query.ts';
import { allKeys, selectorDraftOf } from '../policy/selector.ts';
import { ProposalFlow } from './proposal-flow.tsx';
import type { ChangeTarget, RolloutDraft } from './rollout-draft.ts';
import { usualDrafts } from './stage-draft.ts';
import { TargetFields, type ChosenTarget } from './target-fields.tsx';

/** Proposes a rollout. The address may name the realm and the policy to bind, or the binding to change. */
export default function ProposePage() {
  const { account } = useSession();
  const search = new URLSearchParams(usePlace().search);
  const named = search.get('binding');
  const [modules] = useQuery({ query: ModulesQuery, variables: {}, requestPolicy: 'cache-and-network' });
  const [state] = useQuery({ query: BindingQuery, variables: { id: named ?? '' }, pause: named === null });
  if (!account.isAdministrator) {
    return (
      <AdministratorsOnly title="Propose a rollout">
        You can see and answer the rollouts of your realms. <Link href={paths.rollouts}>All rollouts</Link>
      </AdministratorsOnly>
    );
  }
  const error = modules.error ?? state.error;
  if (error !== undefined) return <Problem title="The form could not be read" message={errorMessageOf(error)} />;
  if (modules.data === undefined || (named !== null && state.data === undefined)) return <Waiting what="the form" />;
  const binding = bindingOf(state.data?.node ?? null);
  const start: ChosenTarget =
    binding !== null && binding.unboundAt === null
      ? { realm: binding.realm.slug, kind: 'UPDATE', policy: '', bindingId: binding.id }
      : { realm: search.get('realm') ?? '', kind: 'BIND', policy: search.get('policy') ?? '', bindingId: '' };
  return <Proposal modules={modules.data} start={start} />;
}

interface ProposalProps {
  readonly modules: PolicyModulesQuery;
  readonly start: ChosenTarget;
}

/** Finds what is chosen. The form begins with what is in force. */
function Proposal({ modules, start }: ProposalProps) {
  const [chosen, setChosen] = useState(start);
  const [edited, setEdited] = useState<Partial<RolloutDraft>>({});
  const realms = modules.realms.edges.map(({ node }) => node);
  const realm =
    realms.find(({ slug }) => slug === chosen.realm) ?? realms.find(({ slug }) => slug === 'default') ?? realms[0];
  const [bound] = useQuery({
    query: RealmPoliciesQuery,
    variables: { realm: realm?.slug ?? '' },
    pause: realm === undefined,
    requestPolicy: 'cache-and-network',
  });
  const { kind } = chosen;
  const bindings = bound.data?.realm?.bindings ?? [];
  const bindingId = (bindings.find(({ id }) => id === chosen.bindingId) ?? bindings[0])?.id ?? '';
  const isOfBinding = kind !== 'BIND';
  const [read] = useQuery({
    query: BindingQuery,
    variables: { id: bindingId },
    pause: !isOfBinding || bindingId === '',
    requestPolicy: 'network-only',
  });
  const binding = bindingOf(read.data?.node ?? null);
  const current = modules.policies.filter(({ isCurrent }) => isCurrent);
  const policy = (current.find(({ name }) => name === chosen.policy) ?? current[0])?.name ?? '';
  const isRead = !isOfBinding || binding?.id === bindingId;
  const module = modules.policies.find((one) =>
    isOfBinding ? one.hash === binding?.hash && one.name === binding.policy : one.isCurrent && one.name === policy,
  );
  const ofBinding = isOfBinding && isRead ? binding : null;
  const notice = parseDuration(ofBinding?.noticePeriod ?? realm?.minimumNotice ?? '');
  const noticeMs = 'ms' in notice ? notice.ms : 0;
  const initial = useMemo(() => firstDraft(ofBinding, noticeMs), [ofBinding, noticeMs]);
  if (realm === undefined)
    return <Problem title="You see no realm" message="A rollout changes the policies of a realm." />;
  const target: ChangeTarget | null =
    kind === 'BIND' ? { kind, policy } : bindingId === '' || !isRead ? null : { kind, bindingId };
  const choose = (next: ChosenTarget) => {
    setChosen(next);
    // What a person wrote stays. The configuration is that of another policy.
    setEdited(({ config: _config, selector: _selector, ...rest }) => rest);
  };
  return (
    <ProposalFlow
      realm={realm.slug}
      target={target}
      schema={module?.configSchema}
      noticeMs={noticeMs}
      draft={{ ...initial, ...edited }}
      owners={ownerNamesOf(modules)}
      onChange={(changed) => setEdited((before) => ({ ...before, ...changed }))}
    >
      <TargetFields
        chosen={{ ...chosen, realm: realm.slug, policy, bindingId }}
        realms={realms}
        modules={current}
        bindings={bindings}
        onChange={choose}
      />
    </ProposalFlow>
  );
}

function firstDraft(binding: BindingDetails | null, noticeMs: number): RolloutDraft {
  return {
    config: binding?.config ?? {},
    selector: binding === null ? allKeys : selectorDraftOf(binding.selector),
    title: '',
    explanation: '',
    replacement: '',
    stages: usualDrafts(noticeMs),
    budgetOwners: '3',
    budgetPercent: '0.1',
    sealedText: '',
  };
}
