import { useState, type FormEvent } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AdministratorsOnly } from '../../parts/administrators-only.tsx';
import { FormProblem, TextField } from '../../parts/fields.tsx';
import { paths } from '../../routes.ts';
import { useSession } from '../../session/session-context.ts';
import { announce } from '../../shell/announce.tsx';
import { Link } from '../../shell/link.tsx';
import { PageTitle } from '../../shell/page-title.tsx';
import { navigate } from '../../shell/router.ts';
import { createRealmDocument } from './realm-query.ts';

/** Makes a realm, for administrators. */
export default function NewRealmPage() {
  const { account } = useSession();
  if (account.isAdministrator) return <NewRealm />;
  return (
    <AdministratorsOnly title="Make a realm">
      Ask an administrator, or see <Link href={paths.realms}>the realms that there are</Link>.
    </AdministratorsOnly>
  );
}

/** Makes a realm. Its actions and limits are set on its own page afterwards. */
function NewRealm() {
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const [prefix, setPrefix] = useState('');
  const [create, { isRunning, problem }] = useChange(createRealmDocument, 'createRealm');
  const shownSlug = slug ?? slugOf(name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) return;
    const input = {
      name: name.trim(),
      slug: shownSlug,
      idempotencyKey,
      ...(prefix !== '' && { secretPrefix: prefix }),
    };
    const success = await create({ input });
    // What is changed in the form is another request.
    setIdempotencyKey(newIdempotencyKey());
    if (success === null) return;
    announce('The realm is made.');
    navigate(paths.realm(success.realm.slug));
  };
  return (
    <>
      <p className="quiet">
        <Link href={paths.realms}>Realms</Link>
      </p>
      <div className="title-row">
        <PageTitle title="Make a realm" />
      </div>
      <form className="sheet form" onSubmit={(event) => void submit(event)}>
        <TextField
          label="Name"
          value={name}
          maxLength={100}
          required
          autoComplete="off"
          hint="The API, registry or environment, as people know it."
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label="Slug"
          value={shownSlug}
          maxLength={63}
          required
          pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
          autoComplete="off"
          spellCheck={false}
          hint="In addresses and requests: a-z, 0-9 and -. It can never be changed."
          onChange={({ target }) => setSlug(target.value)}
        />
        <TextField
          label="Secrets begin with (not required)"
          value={prefix}
          maxLength={24}
          pattern="([a-z0-9]+_)+"
          placeholder="kt_"
          autoComplete="off"
          spellCheck={false}
          hint="Such as acme_live_: scanners then know whose secrets these are. It belongs to this realm for ever."
          onChange={({ target }) => setPrefix(target.value)}
        />
        <FormProblem text={problem} />
        <div className="buttons">
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Make the realm
          </button>
        </div>
      </form>
    </>
  );
}

/** Returns a slug for a name: other characters than letters and digits become one hyphen. */
function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}
