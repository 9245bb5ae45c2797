import { ChipChoice } from '../../parts/chip-choice.tsx';
import { SelectField } from '../../parts/fields.tsx';

/** What a rollout is to change, as it is chosen. */
export interface ChosenTarget {
  readonly realm: string;
  readonly kind: 'BIND' | 'UPDATE' | 'UNBIND';
  readonly policy: string;
  readonly bindingId: string;
}

interface TargetFieldsProps {
  readonly chosen: ChosenTarget;
  readonly realms: readonly { readonly slug: string; readonly name: string }[];
  readonly modules: readonly { readonly name: string; readonly title: string }[];
  readonly bindings: readonly { readonly id: string; readonly title: string }[];
  readonly onChange: (chosen: ChosenTarget) => void;
}

const kinds = [
  ['BIND', 'Bind a policy'],
  ['UPDATE', 'Change a bound policy'],
  ['UNBIND', 'Remove a bound policy'],
] as const;

/** Asks what a rollout changes: the realm, and the policy to bind, or the binding to change or remove. */
export function TargetFields({ chosen, realms, modules, bindings, onChange }: TargetFieldsProps) {
  const change = (changed: Partial<ChosenTarget>) => onChange({ ...chosen, ...changed });
  return (
    <section aria-labelledby="what">
      <h2 id="what">What changes</h2>
      {realms.length > 1 && (
        <SelectField label="Realm" value={chosen.realm} onChange={({ target }) => change({ realm: target.value })}>
          {realms.map(({ slug, name }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      <ChipChoice legend="The change" choices={kinds} value={chosen.kind} onChange={(kind) => change({ kind })} />
      {chosen.kind === 'BIND' ? (
        <SelectField label="Policy" value={chosen.policy} onChange={({ target }) => change({ policy: target.value })}>
          {modules.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </SelectField>
      ) : bindings.length === 0 ? (
        <p>No policy is bound in this realm.</p>
      ) : (
        <SelectField
          label="Bound policy"
          value={chosen.bindingId}
          onChange={({ target }) => change({ bindingId: target.value })}
        >
          {bindings.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </SelectField>
      )}
    </section>
  );
}
