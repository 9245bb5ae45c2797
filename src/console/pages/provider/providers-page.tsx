import '../lists.css';
import './providers.css';
import { useState } from 'react';
import { useLiveQuery } from '../../live/use-live-query.ts';
import { AdministratorsOnly } from '../../parts/administrators-only.tsx';
import { LiveContent } from '../../parts/live-content.tsx';
import { MomentButton } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { RealmChoice, useRealmOfPlace } from '../rules/realm-choice.tsx';
import { ChangeIssuerDialog, DistrustDialog } from './issuer-dialogs.tsx';
import { TrustedIssuersQuery, type IssuerDetails } from './issuer-query.ts';
import { titleOfProvider } from './provider-names.ts';
import { TrustForm } from './trust-form.tsx';

/** The CI providers that a realm trusts, for administrators. */
export default function ProvidersPage() {
  const { account } = useSession();
  const realm = useRealmOfPlace();
  const [isTrusting, setTrusting] = useState(false);
  if (!account.isAdministrator) {
    return (
      <AdministratorsOnly title="Trusted providers">
        It shows which CI providers a realm trusts. Ask an administrator, or go to{' '}
        <Link href={paths.keys}>your keys</Link>.
      </AdministratorsOnly>
    );
  }
  return (
    <>
      <p className="quiet">
        <Link href={`${paths.rules}?realm=${encodeURIComponent(realm)}`}>CI rules</Link>
      </p>
      <div className="title-row">
        <PageTitle title="Trusted providers" />
        {!isTrusting && (
          <div className="buttons">
            <button type="button" className="primary" onClick={() => setTrusting(true)}>
              Trust a provider
            </button>
          </div>
        )}
      </div>
      <p className="quiet">
        A provider gives each of its jobs a token. Where a <Link href={paths.rules}>rule</Link> matches the token, the
        job gets a key. <a href="/docs/guides/ci">How it works</a>
      </p>
      <RealmChoice realm={realm} path={paths.issuers} />
      <div className="stack">
        {isTrusting && <TrustForm key={realm} realm={realm} onEnd={() => setTrusting(false)} />}
        <Issuers realm={realm} />
      </div>
    </>
  );
}

function Issuers({ realm }: { readonly realm: string }) {
  const [state, readAgain] = useLiveQuery({
    query: TrustedIssuersQuery,
    variables: { realm },
    concerns: ({ type }) => type.startsWith('ISSUER_') || type.startsWith('TOKEN_RULE_'),
  });
  return (
    <LiveContent of={state} what="the providers" onRetry={readAgain}>
      {({ realm: found }) => {
        if (found == null) return <p>There is no such realm.</p>;
        const issuers = found.issuers.edges.map(({ node }) => node);
        if (issuers.length === 0) return <p>{found.name} trusts no provider.</p>;
        return issuers.map((issuer) => <Issuer key={issuer.id} of={issuer} />);
      }}
    </LiveContent>
  );
}

function Issuer({ of: issuer }: { readonly of: IssuerDetails }) {
  const [opened, setOpened] = useState<'CHANGE' | 'DISTRUST' | null>(null);
  const { name, url, preset, audience, keySet, createdAt, changedAt, rules } = issuer;
  const close = () => setOpened(null);
  return (
    <section className="sheet trusted-issuer" aria-label={name}>
      <h2>{name}</h2>
      {rules.edges.length === 0 && <p className="notice">It has no rule, so that its jobs get no keys.</p>}
      <dl className="facts">
        <dt>Provider</dt>
        <dd>{titleOfProvider(preset)}</dd>
        <dt>URL</dt>
        <dd>
          <code>{url}</code>
        </dd>
        <dt>Audience</dt>
        <dd>
          <code>{audience}</code>
        </dd>
        <dt>Public keys</dt>
        <dd>
          {keySet === null ? 'fetched from the issuer' : 'imported: bring new ones before the issuer changes its keys'}
        </dd>
        <dt>Trusted</dt>
        <dd>
          <MomentButton at={createdAt} />
        </dd>
        {changedAt !== createdAt && (
          <>
            <dt>Changed</dt>
            <dd>
              <MomentButton at={changedAt} />
            </dd>
          </>
        )}
      </dl>
      <div className="buttons">
        <button type="button" aria-label={`Change ${name}`} onClick={() => setOpened('CHANGE')}>
          Change
        </button>
        <button type="button" className="danger" aria-label={`Distrust ${name}`} onClick={() => setOpened('DISTRUST')}>
          Distrust
        </button>
      </div>
      {opened === 'CHANGE' && <ChangeIssuerDialog of={issuer} onClose={close} />}
      {opened === 'DISTRUST' && <DistrustDialog of={issuer} onClose={close} />}
    </section>
  );
}
