import './webhooks.css';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { useNow } from '../../parts/use-now.ts';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { Attempts, Deliveries } from './deliveries.tsx';
import { useReread } from './use-reread.ts';
import { WebhookBar } from './webhook-bar.tsx';
import { WebhookQuery, type WebhookDetails } from './webhook-query.ts';
import { StateOfWebhook } from './webhook-state.tsx';

/** How often the attempts are read again. */
const REREAD_MS = 5_000;

/** A webhook: whether it delivers, what waits and why, and what can be done. */
export default function WebhookPage({ id }: { readonly id: string }) {
  const [state, readAgain] = useLiveQuery({ query: WebhookQuery, variables: { id }, concerns: () => true });
  useReread(readAgain, REREAD_MS);
  return (
    <LiveContent of={state} what="the webhook" onRetry={readAgain}>
      {({ node }) => (node == null || !('waitingCount' in node) ? <MissingWebhook /> : <WebhookView of={node} />)}
    </LiveContent>
  );
}

function MissingWebhook() {
  return (
    <>
      <PageTitle title="There is no such webhook" />
      <p>
        It does not exist, it ended long ago, or you do not manage it. <Link href={paths.webhooks}>All webhooks</Link>
      </p>
    </>
  );
}

function WebhookView({ of: webhook }: { readonly of: WebhookDetails }) {
  const { reason, state, nextAttemptAt, waiting, parked, waitingCount, parkedCount } = webhook;
  return (
    <>
      <p className="quiet">
        <Link href={paths.webhooks}>Webhooks</Link>
      </p>
      <div className="title-row">
        <PageTitle title={webhook.description === '' ? 'Webhook' : webhook.description} />
        <StateOfWebhook of={webhook} />
        <WebhookBar of={webhook} />
      </div>
      {reason != null && (
        <p className="notice">
          {state === 'ENDED' ? 'It has ended' : 'It is paused'}: <bdi>{reason}</bdi>
        </p>
      )}
      {nextAttemptAt != null && (
        <p className="notice">
          The receiver does not answer as it should. Nothing is sent before <MomentButton at={nextAttemptAt} />.
        </p>
      )}
      <div className="columns">
        <div>
          <Deliveries title="Waiting" of={waiting.edges.map(({ node }) => node)} count={waitingCount}>
            Events that failed and are sent again, and those behind them.
          </Deliveries>
          <Deliveries title="Parked" of={parked.edges.map(({ node }) => node)} count={parkedCount}>
            Events that failed for three days while others were delivered. They are sent when you replay them.
          </Deliveries>
          <Attempts of={webhook.attempts.edges} />
        </div>
        <div>
          <WebhookFacts of={webhook} />
          <Signing of={webhook} />
        </div>
      </div>
    </>
  );
}

function WebhookFacts({ of: webhook }: { readonly of: WebhookDetails }) {
  const { url, realm, owner, types, keyIds, labels, deliveredAt, createdAt, id } = webhook;
  return (
    <section className="sheet">
      <h2>Facts</h2>
      <dl className="facts">
        <dt>Address</dt>
        <dd>
          <code>{url}</code>
        </dd>
        <dt>Events of</dt>
        <dd>{realm == null ? (owner?.name ?? 'an owner') : `the whole realm ${realm.name}`}</dd>
        <dt>Only</dt>
        <dd>
          {types.length === 0 && keyIds.length === 0 && labels.length === 0 ? 'all of them' : null}
          <ul className="plain-list selected">
            {types.map((type) => (
              <li key={type}>
                <code>{type}</code>
              </li>
            ))}
            {keyIds.map((keyId) => (
              <li key={keyId}>
                <Link href={paths.key(keyId)}>{keyId}</Link>
              </li>
            ))}
            {labels.map(({ name, value }) => (
              <li key={name}>
                keys with{' '}
                <code>
                  {name}={value}
                </code>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Delivered</dt>
        <dd>{deliveredAt == null ? 'nothing yet' : <MomentButton at={deliveredAt} />}</dd>
        <dt>Made</dt>
        <dd>
          <MomentButton at={createdAt} />
        </dd>
        <dt>Id</dt>
        <dd>
          <code>{id}</code>
        </dd>
      </dl>
    </section>
  );
}

function Signing({ of: { secrets } }: { readonly of: WebhookDetails }) {
  const now = useNow();
  const signing = secrets.filter(({ retiresAt }) => retiresAt == null || Date.parse(retiresAt) > now.getTime());
  if (signing.length === 0) return null;
  return (
    <section className="sheet">
      <h2>Signatures</h2>
      <p className="quiet">A receiver verifies them by the secret, or by the public key.</p>
      <ul className="plain-list">
        {signing.map(({ generation, publicKey, retiresAt, createdAt }) => (
          <li key={generation}>
            <p>
              Secret {generation}, made <MomentButton at={createdAt} />
              {retiresAt != null && (
                <>
                  , signs until <MomentButton at={retiresAt} />
                </>
              )}
            </p>
            <code className="public-key">{publicKey}</code>
            <CopyButton text={publicKey} what="the public key" />
          </li>
        ))}
      </ul>
    </section>
  );
}
