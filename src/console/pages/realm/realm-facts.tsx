import { DurationWords } from './duration-field.tsx';
import type { RealmDetails } from './realm-query.ts';

/** The settings of a realm, for people who may not change them. */
export function SettingsOfRealm({ of: realm }: { readonly of: RealmDetails }) {
  return (
    <section className="sheet">
      <h2>Settings</h2>
      <dl className="facts">
        <dt>Slug</dt>
        <dd>
          <code>{realm.slug}</code>
        </dd>
        <dt>Secrets begin with</dt>
        <dd>
          <code>{realm.secretPrefix}</code>
        </dd>
        <dt>A key lives at least</dt>
        <dd>
          <DurationWords of={realm.shortestLifetime} />
        </dd>
        <dt>A key lives at most</dt>
        <dd>
          <DurationWords of={realm.longestLifetime} />
        </dd>
        <dt>Policies announce an earlier stop</dt>
        <dd>
          <DurationWords of={realm.minimumNotice} /> ahead
        </dd>
        <dt>A leaked key is</dt>
        <dd>{realm.leakResponse === 'HOLD' ? 'held' : 'revoked'}</dd>
      </dl>
    </section>
  );
}
