import { describeDuration, parseDuration } from '../../../domain/duration.ts';
import { Ago, MomentButton } from '../../parts/moment-button.tsx';
import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import { describeValue, isObject, membersOf, titleOf } from './config-schema.ts';
import type { BindingDetails, OwnerNames, PolicyModule } from './policy-query.ts';
import { describeSelector } from './selector.ts';

interface ConfigurationProps {
  readonly of: BindingDetails;
  readonly versions: readonly PolicyModule[];
}

/** What the binding is set to, and what holds where nothing is set. */
export function Configuration({ of: { config, hash }, versions }: ConfigurationProps) {
  const schema = versions.find((one) => one.hash === hash)?.configSchema;
  const members = isObject(schema) ? membersOf(schema) : [];
  return (
    <section className="sheet">
      <h2>Configuration</h2>
      {isObject(config) && members.length > 0 ? (
        <dl className="facts">
          {members.map((member) => {
            const { name, schema: ofMember } = member;
            const isSet = Object.hasOwn(config, name);
            const value = isSet ? config[name] : ofMember['default'];
            return (
              <div key={name} className="fact">
                <dt>{titleOf(member)}</dt>
                <dd>
                  {value === undefined ? 'not set' : describeValue(ofMember, value).replace(/\.$/, '')}
                  {!isSet && value !== undefined && <span className="quiet">, by default</span>}
                </dd>
              </div>
            );
          })}
        </dl>
      ) : (
        <pre tabIndex={0} aria-label="Configuration as JSON">
          {JSON.stringify(config, null, 2)}
        </pre>
      )}
    </section>
  );
}

interface BindingFactsProps extends ConfigurationProps {
  readonly of: BindingDetails;
  readonly names: OwnerNames;
}

/** Where a binding applies, from when, and which version it runs. */
export function BindingFacts({ of: binding, names, versions }: BindingFactsProps) {
  const notice = parseDuration(binding.noticePeriod);
  const current = versions.find(({ isCurrent }) => isCurrent);
  return (
    <section className="sheet">
      <h2>Facts</h2>
      <dl className="facts">
        <dt>Realm</dt>
        <dd>{binding.realm.name}</dd>
        <dt>Applies to</dt>
        <dd>{describeSelector(binding.selector, names)}</dd>
        <dt>In effect from</dt>
        <dd>
          <MomentButton at={binding.effectiveAt} />
        </dd>
        <dt>Notice</dt>
        <dd>{'ms' in notice ? describeDuration(notice.ms) : binding.noticePeriod}</dd>
        <dt>Module</dt>
        <dd>
          <Link href={paths.policyModule(binding.policy)}>{binding.policy}</Link>{' '}
          <code>{binding.hash.slice(0, 12)}</code>
          {current !== undefined && current.hash !== binding.hash && (
            <div className="quiet">
              A newer version is there.{' '}
              {binding.followsModule ? 'The binding moves to it by itself.' : 'Change the binding to move to it.'}
            </div>
          )}
        </dd>
        <dt>Revision</dt>
        <dd>
          {binding.revision}, of <MomentButton at={binding.changedAt} />
          {binding.reason !== null && <div className="quiet">{binding.reason}</div>}
        </dd>
        <dt>Bound</dt>
        <dd>
          <MomentButton at={binding.createdAt} />
        </dd>
        {binding.unboundAt !== null && (
          <>
            <dt>Removed</dt>
            <dd>
              <Ago at={binding.unboundAt} />
            </dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <code>{binding.id}</code>
        </dd>
      </dl>
    </section>
  );
}
