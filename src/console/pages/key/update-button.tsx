import { useState } from 'react';
import { graphql } from '../../api/graphql.ts';
import type { UpdateKeyInput } from '../../api/operations.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { TextField } from '../../parts/fields.tsx';
import { LinesField } from '../../parts/lines-field.tsx';
import { findLineProblem, readNameValues } from '../../parts/name-values.ts';
import { endOfDay } from '../issue/key-draft.ts';
import type { KeyDetails } from './key-query.ts';

const updateDocument = graphql(`
  mutation UpdateOnPage($input: UpdateKeyInput!) {
    updateKey(input: $input) {
      ... on UpdateKeySuccess {
        key {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** Changes what people wrote about the key, or lets it end earlier, if the person may. */
export function UpdateButton({ of: key }: { readonly of: KeyDetails }) {
  const [isOpen, setOpen] = useState(false);
  if (!key.viewerCan.includes('UPDATE')) return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Change
      </button>
      {isOpen && <UpdateDialog of={key} onClose={() => setOpen(false)} />}
    </>
  );
}

interface KeyTexts {
  readonly name: string;
  readonly description: string;
  /** Lines of name=value. */
  readonly labels: string;
  /** The last day, as 2027-01-31; empty: the stop stays. */
  readonly lastDay: string;
}

function UpdateDialog({ of: key, onClose }: { readonly of: KeyDetails; readonly onClose: () => void }) {
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [before] = useState(() => textsOf(key));
  const [texts, setTexts] = useState(before);
  const [update, state] = useChange(updateDocument, 'updateKey');
  const set = (changed: Partial<KeyTexts>) => setTexts({ ...texts, ...changed });
  const lineProblem = findLineProblem(texts.labels);
  const run = async () =>
    lineProblem === null ? update({ input: { keyId: key.id, ...changesOf(before, texts), idempotencyKey } }) : null;
  return (
    <AskDialog
      title={`Change ${key.name}`}
      button="Change"
      done="The key is changed."
      state={{ ...state, problem: lineProblem ?? state.problem }}
      run={run}
      onClose={onClose}
      fields={
        <>
          <TextField
            label="Name"
            required
            maxLength={100}
            value={texts.name}
            onChange={({ target }) => set({ name: target.value })}
          />
          <LinesField
            label="Description (not required)"
            hint="What the key is for. Write no secret here."
            value={texts.description}
            onChange={(description) => set({ description })}
          />
          <LinesField
            label="Labels (not required)"
            hint="A line for each: team=core. Policies that choose keys by a label may set another stop."
            value={texts.labels}
            isInvalid={lineProblem !== null}
            onChange={(labels) => set({ labels })}
          />
          <TextField
            label="Last day, if it is to end earlier (not required)"
            type="date"
            value={texts.lastDay}
            hint="Programs that have the key are refused after this day. To let it end later, renew it."
            onChange={({ target }) => set({ lastDay: target.value })}
          />
        </>
      }
    >
      <p>Programs that use the key notice nothing, unless it ends earlier.</p>
    </AskDialog>
  );
}

function textsOf({ name, description, labels }: KeyDetails): KeyTexts {
  const lines = labels.map((label) => `${label.name}=${label.value}`);
  return { name, description: description ?? '', labels: lines.join('\n'), lastDay: '' };
}

/** Returns what has changed. Labels that another person has set meanwhile stay. */
function changesOf(before: KeyTexts, { name, description, labels, lastDay }: KeyTexts): Partial<UpdateKeyInput> {
  const [had, has] = [readNameValues(before.labels), readNameValues(labels)];
  const set = has.filter((label) => !had.some(({ line }) => line === label.line));
  const removed = had.filter((label) => !has.some(({ name: present }) => present === label.name));
  return {
    ...(name.trim() !== before.name && { name: name.trim() }),
    ...(description !== before.description && { description: description.trim() === '' ? null : description }),
    ...(set.length > 0 && { setLabels: set.map((label) => ({ name: label.name, value: label.value })) }),
    ...(removed.length > 0 && { removeLabels: removed.map((label) => label.name) }),
    ...(lastDay !== '' && { expiresAt: endOfDay(lastDay).toISOString() }),
  };
}
