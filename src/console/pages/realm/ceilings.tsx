import { useState, type FormEvent } from 'react';
import { FormProblem, SelectField, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import type { RealmDetails } from './realm-query.ts';
import { CHANGED_MEANWHILE, isUnchanged, useRealmChange } from './use-realm-change.ts';

const roles = ['OWNER', 'ADMIN', 'MEMBER'] as const;

type Ceiling = RealmDetails['ceilings'][number];

interface CeilingsProps {
  readonly of: RealmDetails;
  readonly isAdministrator: boolean;
}

/** What people with each role may give to keys at most. */
export function Ceilings({ of: { slug, ceilings, rolesWithoutCeiling }, isAdministrator }: CeilingsProps) {
  const [rows, setRows] = useState<readonly Ceiling[] | null>(null);
  /** The ceilings when the form was opened. */
  const [before, setBefore] = useState(ceilings);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const open = () => {
    setBefore(ceilings);
    change(ceilings);
  };
  const change = (changed: readonly Ceiling[]) => {
    setWarnings([]);
    setRows(changed);
  };
  const end = (found: readonly string[]) => {
    setRows(null);
    setWarnings(found);
  };
  return (
    <section className="sheet">
      <h2>Ceilings</h2>
      <p className="quiet">
        What a person may give to a key at most, by the role in the organization that owns the key. A role without a
        ceiling may give everything.
      </p>
      {rows === null ? (
        <>
          <dl className="facts">
            {roles.map((role) => (
              <div key={role} className="contents">
                <dt>{role}</dt>
                <dd>
                  {rolesWithoutCeiling.includes(role)
                    ? 'everything'
                    : ceilings
                        .filter((ceiling) => ceiling.role === role)
                        .map(({ action, resource }) => (
                          <div key={`${action} ${resource}`}>
                            <code>{action}</code> on <code>{resource}</code>
                          </div>
                        ))}
                </dd>
              </div>
            ))}
          </dl>
          {warnings.map((warning) => (
            <p key={warning} className="notice">
              {warning}
            </p>
          ))}
          {isAdministrator && (
            <div className="buttons">
              <button type="button" onClick={open}>
                Change the ceilings
              </button>
            </div>
          )}
        </>
      ) : (
        <CeilingForm realm={slug} before={before} rows={rows} onChange={change} onEnd={end} />
      )}
    </section>
  );
}

interface CeilingFormProps {
  readonly realm: string;
  readonly before: readonly Ceiling[];
  readonly rows: readonly Ceiling[];
  readonly onChange: (rows: readonly Ceiling[]) => void;
  /** Closes the form, with what the gateway warns of. */
  readonly onEnd: (warnings: readonly string[]) => void;
}

function CeilingForm({ realm, before, rows, onChange, onEnd }: CeilingFormProps) {
  const [change, { isRunning, problem }] = useRealmChange(realm);
  const set = (index: number, changes: Partial<Ceiling>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const ceilings = roles.flatMap((role) => {
      const scopes = rows.filter((row) => row.role === role).map(({ action, resource }) => ({ action, resource }));
      return scopes.length === 0 ? [] : [{ role, scopes }];
    });
    const success = await change((present) =>
      isUnchanged(present.ceilings, before) ? { ceilings } : CHANGED_MEANWHILE,
    );
    if (success === null) return;
    announce(['The ceilings are saved.', ...success.warnings].join(' '));
    onEnd(success.warnings);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      {rows.map(({ role, action, resource }, index) => {
        const number = index + 1;
        return (
          <div key={index} className="ceiling-row">
            <SelectField
              label={`Role ${number}`}
              value={role}
              onChange={({ target }) => set(index, { role: target.value as Ceiling['role'] })}
            >
              {roles.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </SelectField>
            <TextField
              label={`Action ${number}`}
              required
              spellCheck={false}
              value={action}
              onChange={({ target }) => set(index, { action: target.value })}
            />
            <TextField
              label={`On resource ${number}`}
              required
              spellCheck={false}
              value={resource}
              onChange={({ target }) => set(index, { resource: target.value })}
            />
            <button
              type="button"
              aria-label={`Remove row ${number}`}
              onClick={() => onChange(rows.filter((_row, at) => at !== index))}
            >
              Remove
            </button>
          </div>
        );
      })}
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="button" onClick={() => onChange([...rows, { role: 'MEMBER', action: '*', resource: '**' }])}>
          Add a row
        </button>
        <button type="button" onClick={() => onEnd([])}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Save the ceilings
        </button>
      </div>
    </form>
  );
}
