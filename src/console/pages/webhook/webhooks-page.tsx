import './webhooks.css';
import { readOutcome } from '../../api/client.ts';
import type { WebhookRowFragment, WebhookState } from '../../api/operations.ts';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { ChoiceFilter } from '../../parts/filter-fields.tsx';
import { Ago } from '../../parts/moment-button.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate, usePlace } from '../../shell/router.ts';
import { useReread } from './use-reread.ts';
import { WebhooksQuery } from './webhook-query.ts';
import { StateOfWebhook } from './webhook-state.tsx';

const stateChoices: Readonly<Record<string, { readonly name: string; readonly states: readonly WebhookState[] }>> = {
  '': { name: 'active and paused', states: ['ACTIVE', 'PAUSED'] },
  active: { name: 'active', states: ['ACTIVE'] },
  paused: { name: 'paused', states: ['PAUSED'] },
  ended: { name: 'ended in the last 30 days', states: ['ENDED'] },
};

/** How often the numbers of waiting events are read again. */
const REREAD_MS = 10_000;

/** The webhooks of all owners and realms that the person manages. */
export default function WebhooksPage() {
  const state = new URLSearchParams(usePlace().search).get('state') ?? '';
  const { states } = stateChoices[state] ?? { states: ['ACTIVE', 'PAUSED'] };
  const [result, readAgain] = useLiveQuery({
    query: WebhooksQuery,
    variables: { states: [...states] },
    concerns: ({ type }) => type.startsWith('WEBHOOK_'),
  });
  useReread(readAgain, REREAD_MS);
  const isWaiting = result.data === undefined && result.error === undefined;
  const { data, problem } = readOutcome(result);
  return (
    <>
      <div className="title-row">
        <PageTitle title="Webhooks" />
        <div className="buttons">
          <Link className="button primary" href={paths.newWebhook}>
            Make a webhook
          </Link>
        </div>
      </div>
      <p>A webhook posts events to an address of yours, signed.</p>
      <div className="filters">
        <ChoiceFilter
          label="State"
          value={Object.hasOwn(stateChoices, state) ? state : ''}
          onChange={(chosen) => navigate(chosen === '' ? paths.webhooks : `${paths.webhooks}?state=${chosen}`)}
        >
          {Object.entries(stateChoices).map(([value, { name }]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </ChoiceFilter>
      </div>
      {isWaiting && <Waiting what="the webhooks" />}
      {!isWaiting && problem !== null && <Problem message={problem} onRetry={readAgain} />}
      {data?.webhooks.edges.length === 0 && (
        <div className="sheet empty">
          <p>{state === '' ? 'There is no webhook yet.' : 'There is no such webhook.'}</p>
          <Link className="button" href={paths.newWebhook}>
            Make a webhook
          </Link>
        </div>
      )}
      {data !== null && data.webhooks.edges.length > 0 && (
        <div className="sheet">
          <ul className="plain-list webhooks">
            {data.webhooks.edges.map(({ node }) => (
              <Row key={node.id} of={node} />
            ))}
          </ul>
        </div>
      )}
      {data?.webhooks.pageInfo.hasNextPage === true && <p>These are the newest 100. The others are in the API.</p>}
    </>
  );
}

function Row({ of: webhook }: { readonly of: WebhookRowFragment }) {
  const { id, url, description, owner, realm, waitingCount, parkedCount, deliveredAt } = webhook;
  return (
    <li className="webhook">
      <div>
        <Link href={paths.webhook(id)}>
          <bdi>{url}</bdi>
        </Link>
        <p className="quiet">
          {description !== '' && <bdi>{description}. </bdi>}
          Events of {realm == null ? (owner?.name ?? 'an owner') : `all in ${realm.name}`}
        </p>
      </div>
      <StateOfWebhook of={webhook} />
      <p className="count">
        {waitingCount > 0 && <>{waitingCount.toLocaleString('en')} waiting, </>}
        {parkedCount > 0 && <>{parkedCount.toLocaleString('en')} parked, </>}
        {deliveredAt == null ? (
          'nothing delivered yet'
        ) : (
          <>
            delivered <Ago at={deliveredAt} />
          </>
        )}
      </p>
    </li>
  );
}
