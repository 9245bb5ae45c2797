import { paths } from '../../routes.ts';
import { Link } from '../../shell/link.tsx';
import type { ListedModule } from './policy-query.ts';

interface ModulesProps {
  readonly of: readonly ListedModule[];
  readonly realm: string;
  readonly mayBind: boolean;
}

/** The modules that can be bound, each with one sentence. One whose file is gone is only where it is bound. */
export function Modules({ of: versions, realm, mayBind }: ModulesProps) {
  const modules = versions.filter(({ isCurrent }) => isCurrent);
  return (
    <section className="sheet">
      <h2>Modules</h2>
      <p className="quiet">What a policy does is in its module. Binding a module to a realm puts it in effect.</p>
      <ul className="plain-list">
        {modules.map(({ name, title, summary }) => (
          <li key={name} className="module-row">
            <div>
              <Link href={paths.policyModule(name)}>{title}</Link>
              <p>{firstSentence(summary)}</p>
            </div>
            {mayBind && (
              <Link className="button" href={`${paths.bindPolicy(name)}?realm=${encodeURIComponent(realm)}`}>
                Bind <span className="unseen">{title}</span>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Returns the first sentence of a text. */
function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
