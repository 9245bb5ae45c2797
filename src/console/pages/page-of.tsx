import { lazy as lazyComponent, Suspense, type ComponentType, type ReactNode } from 'react';
import { Waiting } from '../parts/waiting.tsx';
import { paths } from '../routes.ts';
import { MissingPage } from './missing-page.tsx';
import { UnloadedPage } from './unloaded-page.tsx';

function lazy<Props>(load: () => Promise<{ readonly default: ComponentType<Props> }>) {
  const unloaded = { default: UnloadedPage as ComponentType<Props> };
  return lazyComponent(() => load().catch(() => unloaded));
}

const HomePage = lazy(() => import('./home/home-page.tsx'));
const TimelinePage = lazy(() => import('./timeline/timeline-page.tsx'));
const KeyListPage = lazy(() => import('./key-list/key-list-page.tsx'));
const RulesPage = lazy(() => import('./rules/rules-page.tsx'));
const ProvidersPage = lazy(() => import('./provider/providers-page.tsx'));
const RulePage = lazy(() => import('./rules/rule-page.tsx'));
const RuleFormPage = lazy(() => import('./rules/rule-form-page.tsx'));
const TokenTestPage = lazy(() => import('./rules/token-test-page.tsx'));
const LeaksPage = lazy(() => import('./leaks/leaks-page.tsx'));
const WebhooksPage = lazy(() => import('./webhook/webhooks-page.tsx'));
const WebhookPage = lazy(() => import('./webhook/webhook-page.tsx'));
const WebhookFormPage = lazy(() => import('./webhook/webhook-form-page.tsx'));
const EventsPage = lazy(() => import('./events/events-page.tsx'));
const IssuePage = lazy(() => import('./issue/issue-page.tsx'));
const KeyPage = lazy(() => import('./key/key-page.tsx'));
const PoliciesPage = lazy(() => import('./policy/policies-page.tsx'));
const RealmListPage = lazy(() => import('./realm/realm-list-page.tsx'));
const NewRealmPage = lazy(() => import('./realm/new-realm-page.tsx'));
const RealmPage = lazy(() => import('./realm/realm-page.tsx'));
const OrganizationListPage = lazy(() => import('./organizations/organization-list-page.tsx'));
const OrganizationPage = lazy(() => import('./organizations/organization-page.tsx'));
const PeoplePage = lazy(() => import('./people/people-page.tsx'));
const PersonPage = lazy(() => import('./people/person-page.tsx'));
const InvitationPage = lazy(() => import('./invitation/invitation-page.tsx'));
const OperationListPage = lazy(() => import('./operation/operation-list-page.tsx'));
const OperationPage = lazy(() => import('./operation/operation-page.tsx'));
const RolloutListPage = lazy(() => import('./rollout/rollout-list-page.tsx'));
const ProposePage = lazy(() => import('./rollout/propose-page.tsx'));
const RolloutPage = lazy(() => import('./rollout/rollout-page.tsx'));
const GatewayPage = lazy(() => import('./gateway/gateway-page.tsx'));
const SettingsPage = lazy(() => import('./own-account/settings-page.tsx'));

/** The pages below each first segment of a path. `rest` are the segments after it, decoded; null means that there is no such page. */
const pages: Readonly<Record<string, (rest: readonly string[]) => ReactNode>> = {
  '': () => <HomePage />,
  'sign-in': () => <HomePage />,
  realms: ([slug, ...more]) => {
    if (more.length > 0) return null;
    if (slug === undefined) return <RealmListPage />;
    return slug === 'new' ? <NewRealmPage /> : <RealmPage slug={slug} />;
  },
  organizations: ([id, ...more]) => {
    if (more.length > 0) return null;
    return id === undefined ? <OrganizationListPage /> : <OrganizationPage id={id} />;
  },
  people: ([id, ...more]) => {
    if (more.length > 0) return null;
    return id === undefined ? <PeoplePage /> : <PersonPage id={id} />;
  },
  settings: ([page, ...more]) => {
    if (more.length > 0 || (page !== undefined && page !== 'gateway')) return null;
    return page === undefined ? <SettingsPage /> : <GatewayPage />;
  },
  rules: ([id, action, ...more]) => {
    if (more.length > 0 || (action !== undefined && action !== 'change')) return null;
    if (id === undefined) return <RulesPage />;
    if (id === 'issuers') return action === undefined ? <ProvidersPage /> : null;
    if (action === 'change') return <RuleFormPage id={id} />;
    return id === 'new' ? <RuleFormPage id={null} /> : id === 'test' ? <TokenTestPage /> : <RulePage id={id} />;
  },
  leaks: (rest) => (rest.length === 0 ? <LeaksPage /> : null),
  webhooks: ([id, action, ...more]) => {
    if (more.length > 0 || (action !== undefined && action !== 'change')) return null;
    if (id === undefined) return <WebhooksPage />;
    if (action === 'change') return <WebhookFormPage id={id} />;
    return id === 'new' ? <WebhookFormPage id={null} /> : <WebhookPage id={id} />;
  },
  events: (rest) => (rest.length === 0 ? <EventsPage /> : null),
  timeline: (rest) => (rest.length > 0 ? null : <TimelinePage />),
  operations: ([id, ...more]) => {
    if (more.length > 0) return null;
    return id === undefined ? <OperationListPage /> : <OperationPage id={id} />;
  },
  rollouts: ([id, ...more]) => {
    if (more.length > 0) return null;
    if (id === undefined) return <RolloutListPage />;
    return id === 'new' ? <ProposePage /> : <RolloutPage id={id} />;
  },
  keys: ([id, ...more]) => {
    if (more.length > 0) return null;
    if (id === undefined) return <KeyListPage />;
    return id === 'new' ? <IssuePage /> : <KeyPage id={id} />;
  },
  policies: (rest) => <PoliciesPage rest={rest} />,
};

/** Returns the page of a path. Each page but the first is loaded when it is needed. */
export function PageOf({ path }: { readonly path: string }) {
  return <Suspense fallback={<Waiting what="the page" />}>{findPage(path) ?? <MissingPage />}</Suspense>;
}

/** Returns the page of a path that also a stranger sees; null: only signed-in people have a page there. */
export function publicPageOf(path: string): ReactNode {
  if (path !== paths.invitation) return null;
  return (
    <Suspense fallback={<Waiting what="the invitation" />}>
      <InvitationPage />
    </Suspense>
  );
}

/** Whether there is a page at a path. */
export function hasPage(path: string): boolean {
  return findPage(path) != null;
}

function findPage(path: string): ReactNode {
  const [first = '', ...rest] = path.split('/').slice(1);
  if (!Object.hasOwn(pages, first)) return null;
  try {
    return pages[first]?.(rest.filter((segment) => segment !== '').map(decodeURIComponent));
  } catch (error) {
    // The path is not percent-encoded as it should be: there is no such page.
    if (error instanceof URIError) return null;
    throw error;
  }
}
