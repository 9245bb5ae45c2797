import './rules.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import { useRealmOfPlace } from './realm-choice.tsx';
import { draftOfRule, emptyRule, termsOfDraft, type RuleDraft } from './rule-draft.ts';
import { OnlyAdministrators } from './rule-facts.tsx';
import { RuleForm } from './rule-form.tsx';
import { MissingRule } from './rule-page.tsx';
import { addRuleDocument, RuleQuery, updateRuleDocument, type RuleDetails } from './rule-query.ts';

/** Adds a rule, or changes the one with this id. */
export default function RuleFormPage({ id }: { readonly id: string | null }) {
  const { account } = useSession();
  if (!account.isAdministrator) {
    return (
      <>
        <PageTitle title="CI rules" />
        <OnlyAdministrators />
      </>
    );
  }
  return id === null ? <NewRule /> : <ChangedRule id={id} />;
}

function NewRule() {
  const realm = useRealmOfPlace();
  const [draft, setDraft] = useState(emptyRule);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [add, { isRunning, problem }] = useChange(addRuleDocument, 'addTokenRule');
  const run = async () => {
    const { issuerId } = draft;
    const success = await add({ input: { ...termsOfDraft(draft), issuerId, idempotencyKey } });
    if (success === null) return;
    announce('The rule is added.');
    navigate(paths.rule(success.rule.id));
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title="Add a CI rule" />
      </div>
      <RuleForm
        isNew
        {...{ realm, draft, isRunning, problem }}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
        onSubmit={() => void run()}
      />
    </>
  );
}

function ChangedRule({ id }: { readonly id: string }) {
  const [state, readAgain] = useQuery({ query: RuleQuery, variables: { id }, requestPolicy: 'network-only' });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the rule" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) {
    return <Problem message={problem} onRetry={() => readAgain({ requestPolicy: 'network-only' })} />;
  }
  if (data.node == null || !('conditions' in data.node)) return <MissingRule />;
  return <ChangeForm of={data.node} />;
}

function ChangeForm({ of: rule }: { readonly of: RuleDetails }) {
  const [draft, setDraft] = useState<RuleDraft>(() => draftOfRule(rule));
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [update, { isRunning, problem }] = useChange(updateRuleDocument, 'updateTokenRule');
  const run = async () => {
    if ((await update({ input: { ...termsOfDraft(draft), ruleId: rule.id, idempotencyKey } })) === null) return;
    announce('The rule is changed.');
    navigate(paths.rule(rule.id));
  };
  return (
    <>
      <div className="title-row">
        <PageTitle title={`Change the rule ${rule.name}`} />
      </div>
      <p>Keys that it has issued stay as they are. The next job gets a key by the changed rule.</p>
      <RuleForm
        isNew={false}
        realm={rule.issuer.realm.slug}
        {...{ draft, isRunning, problem }}
        onChange={(changed) => setDraft({ ...draft, ...changed })}
        onSubmit={() => void run()}
      />
    </>
  );
}
