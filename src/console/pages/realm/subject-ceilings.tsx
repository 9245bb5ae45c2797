import { useState, type FormEvent } from 'react';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { announce } from '../../shell/announce.tsx';
import type { RealmDetails } from './realm-query.ts';
import { CHANGED_MEANWHILE, isUnchanged, useRealmChange } from './use-realm-change.ts';

type SubjectCeiling = RealmDetails['subjectCeilings'][number];

/** One scope of a ceiling, with the label of the customers that it is for; empty texts: for all. */
interface Row {
  readonly name: string;
  readonly value: string;
  readonly action: string;
  readonly resource: string;
}

function rowsOf(ceilings: readonly SubjectCeiling[]): readonly Row[] {
  return ceilings.flatMap(({ label, scopes }) =>
    scopes.map(({ action, resource }) => ({ name: label?.name ?? '', value: label?.value ?? '', action, resource })),
  );
}

/** Returns the ceilings of rows, those of one label together. */
function ceilingsOf(rows: readonly Row[]) {
  const byLabel = Map.groupBy(rows, ({ name, value }) => JSON.stringify([name.trim(), value.trim()]));
  return [...byLabel].map(([text, ofLabel]) => {
    const [name = '', value = ''] = JSON.parse(text) as readonly string[];
    const scopes = ofLabel.map(({ action, resource }) => ({ action: action.trim(), resource: resource.trim() }));
    return name === '' ? { scopes } : { label: { name, value }, scopes };
  });
}

interface SubjectCeilingsProps {
  readonly of: RealmDetails;
  readonly isAdministrator: boolean;
}

/** What the backend of an API may give to the keys of its customers. */
export function SubjectCeilings({ of: { slug, subjectCeilings }, isAdministrator }: SubjectCeilingsProps) {
  const [before, setBefore] = useState<readonly SubjectCeiling[] | null>(null);
  return (
    <section className="sheet">
      <h2>Ceilings of customers</h2>
      <p className="quiet">
        What a backend with the scope <code>keytide:manage</code> and a portal page may give to the key of a customer. A
        customer for whom there is no entry gets no scope. <a href="/docs/guides/subjects">Keys for your customers</a>
      </p>
      {before === null ? (
        <>
          {subjectCeilings.length === 0 ? (
            <p>There is no entry: keys of customers get no scope.</p>
          ) : (
            <dl className="facts">
              {subjectCeilings.map(({ label, scopes }, index) => (
                <div key={index} className="contents">
                  <dt>{label === null ? 'Every customer' : `With ${label.name}=${label.value}`}</dt>
                  <dd>
                    {scopes.map(({ action, resource }) => (
                      <div key={`${action} ${resource}`}>
                        <code>{action}</code> on <code>{resource}</code>
                      </div>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {isAdministrator && (
            <div className="buttons">
              <button type="button" onClick={() => setBefore(subjectCeilings)}>
                Change the ceilings of customers
              </button>
            </div>
          )}
        </>
      ) : (
        <SubjectCeilingForm realm={slug} before={before} onEnd={() => setBefore(null)} />
      )}
    </section>
  );
}

interface SubjectCeilingFormProps {
  readonly realm: string;
  readonly before: readonly SubjectCeiling[];
  readonly onEnd: () => void;
}

function SubjectCeilingForm({ realm, before, onEnd }: SubjectCeilingFormProps) {
  const [rows, setRows] = useState(() => rowsOf(before));
  const [change, { isRunning, problem }] = useRealmChange(realm);
  const set = (index: number, changes: Partial<Row>) =>
    setRows(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const changes = { subjectCeilings: ceilingsOf(rows) };
    const success = await change((present) =>
      isUnchanged(present.subjectCeilings, before) ? changes : CHANGED_MEANWHILE,
    );
    if (success === null) return;
    announce('The ceilings of customers are saved.');
    onEnd();
  };
  const field = (index: number, label: string, name: keyof Row, more: object) => (
    <TextField
      label={`${label} ${index + 1}`}
      spellCheck={false}
      autoComplete="off"
      value={rows[index]?.[name] ?? ''}
      onChange={({ target }) => set(index, { [name]: target.value })}
      {...more}
    />
  );
  return (
    <form onSubmit={(event) => void submit(event)}>
      {rows.map(({ name }, index) => (
        <div key={index} className="ceiling-row subject-row">
          {field(index, 'Only with the label', 'name', {
            maxLength: 63,
            pattern: 'policy/.+',
            placeholder: 'policy/…',
          })}
          {field(index, 'Value of the label', 'value', { maxLength: 256, required: name.trim() !== '' })}
          {field(index, 'Action for customers', 'action', { required: true })}
          {field(index, 'On resource for customers', 'resource', { required: true })}
          <button
            type="button"
            aria-label={`Remove row ${index + 1} of customers`}
            onClick={() => setRows(rows.filter((_row, at) => at !== index))}
          >
            Remove
          </button>
        </div>
      ))}
      <p className="hint">
        Only administrators write labels under policy/. Without a label the row is for every customer.
      </p>
      <FormProblem text={problem} />
      <div className="buttons">
        <button type="button" onClick={() => setRows([...rows, { name: '', value: '', action: '', resource: '**' }])}>
          Add a row for customers
        </button>
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isRunning}>
          Save the ceilings of customers
        </button>
      </div>
    </form>
  );
}
