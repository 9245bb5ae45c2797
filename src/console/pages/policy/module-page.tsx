import { useQuery } from 'urql';
import { readOutcome } from '../../api/client.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { usePlace } from '../../shell/router.ts';
import { describeValue, hintOf, isObject, membersOf, titleOf, type JsonSchema } from './config-schema.ts';
import { ModulesQuery, type PolicyModule } from './policy-query.ts';
import { WrittenText } from './written-text.tsx';

/** A module: what it does, in the words of its author, and what can be set. */
export function ModulePage({ name }: { readonly name: string }) {
  const [state, readAgain] = useQuery({ query: ModulesQuery, variables: {}, requestPolicy: 'cache-and-network' });
  if (state.data === undefined && state.error === undefined) return <Waiting what="the module" />;
  const { data, problem } = readOutcome(state);
  if (problem !== null) {
    const retry = () => readAgain({ requestPolicy: 'network-only' });
    return <Problem title="The module could not be read" message={problem} onRetry={retry} />;
  }
  const versions = data.policies.filter((one) => one.name === name);
  const [module] = versions;
  if (module === undefined) return <MissingModule />;
  return <ModuleView of={module} versions={versions} />;
}

export function MissingModule() {
  return (
    <>
      <PageTitle title="There is no such module" />
      <p>
        This gateway has none of that name, or you may not see it. <Link href={paths.policies}>All policies</Link>
      </p>
    </>
  );
}

const decisions = {
  EXPIRY: 'how long keys live',
  RENEWAL: 'when and how keys are renewed',
  DORMANCY: 'what happens to unused keys',
} as const;

interface ModuleViewProps {
  readonly of: PolicyModule;
  readonly versions: readonly PolicyModule[];
}

function ModuleView({ of: module, versions }: ModuleViewProps) {
  const { account } = useSession();
  const { search } = usePlace();
  return (
    <>
      <p className="quiet">
        <Link href={paths.policies}>Policies</Link>
      </p>
      <div className="title-row">
        <PageTitle title={module.title} />
        {account.isAdministrator && module.isCurrent && (
          <div className="buttons">
            <Link className="button primary" href={`${paths.bindPolicy(module.name)}${search}`}>
              Bind
            </Link>
          </div>
        )}
      </div>
      {!module.isCurrent && (
        <section className="notice" aria-label="The file is gone">
          <p>
            The file of this module is gone. Its verdicts stay in force, and it can be bound again when the file is
            back.
          </p>
        </section>
      )}
      <div className="columns">
        <div>
          <section className="sheet">
            <h2>What it does</h2>
            <p>{module.summary}</p>
          </section>
          <section className="sheet">
            <h2>Settings</h2>
            <Settings schema={module.configSchema} />
          </section>
          {module.documentation !== null && (
            <section className="sheet written">
              <h2>Documentation</h2>
              <WrittenText text={module.documentation} />
            </section>
          )}
        </div>
        <div>
          <section className="sheet">
            <h2>Facts</h2>
            <dl className="facts">
              <dt>Name</dt>
              <dd>
                <code>{module.name}</code>
              </dd>
              <dt>Decides</dt>
              <dd>{module.decides.map((decision) => decisions[decision]).join(', ')}</dd>
              <dt>{versions.length === 1 ? 'Version' : 'Versions'}</dt>
              <dd>
                <ul className="plain-list">
                  {versions.map(({ version, hash, isCurrent }) => (
                    <li key={hash}>
                      {version} <code>{hash.slice(0, 12)}</code>{' '}
                      <span className="quiet">{isCurrent ? 'current' : 'an earlier file'}</span>
                    </li>
                  ))}
                </ul>
              </dd>
            </dl>
          </section>
        </div>
      </div>
    </>
  );
}

/** The members of the configuration with what holds if they are left alone. */
function Settings({ schema }: { readonly schema: unknown }) {
  const members = isObject(schema) ? flatten(schema, '') : [];
  if (members.length === 0) return <p>There is nothing to set.</p>;
  return (
    <DataTable name="Settings" columns={['Setting', 'Default', 'Meaning']}>
      {members.map(({ name, title, schema: member, isRequired }) => (
        <tr key={name}>
          <td>
            {title}
            <div>
              <code>{name}</code>
            </div>
          </td>
          <td>
            {'default' in member ? describeValue(member, member['default']) : isRequired ? 'must be set' : 'not set'}
          </td>
          <td>{hintOf(withoutDefault(member))}</td>
        </tr>
      ))}
    </DataTable>
  );
}

interface Setting {
  readonly name: string;
  readonly title: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

function withoutDefault({ default: _default, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

/** Returns the members of an object, those of its members that are objects included. */
function flatten(schema: JsonSchema, path: string, depth = 0): Setting[] {
  if (depth > 4) return [];
  return membersOf(schema).flatMap((member) => {
    const name = `${path}${member.name}`;
    const setting = { name, title: titleOf(member), schema: member.schema, isRequired: member.isRequired };
    const alternatives = member.schema['anyOf'];
    const objects = [member.schema, ...(Array.isArray(alternatives) ? alternatives.filter(isObject) : [])];
    return [setting, ...objects.flatMap((one) => flatten(one, `${name}.`, depth + 1))];
  });
}
