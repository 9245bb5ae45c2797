import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { listAll } from '../list-all.ts';
import { openLogin } from '../login/open-login.ts';
import { plainLine } from '../output.ts';

const SELECTION = 'id slug name shortestLifetime longestLifetime minimumNotice actions { name retiredAt }';

interface SelectedRealm extends Omit<RealmJson, 'actions'> {
  readonly actions: readonly { readonly name: string; readonly retiredAt: string | null }[];
}

/** A realm in its JSON form. The members are stable. */
interface RealmJson {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly shortestLifetime: string;
  readonly longestLifetime: string;
  readonly minimumNotice: string;
  /** The names of the actions that new keys can get. */
  readonly actions: readonly string[];
}

/**
 * Lists the realms that the caller may see, oldest first.
 *
 * With `--json`: `{ realms: [{ id, slug, name, shortestLifetime, longestLifetime, minimumNotice, actions: [name] }] }`.
 */
export const realmsCommand: Command = {
  declare(parser) {
    parser
      .option('--search <text>', 'only realms whose name or slug contains this text')
      .option('--json', 'print the result as JSON');
  },
  async run(context, { options }) {
    const { output } = context;
    const { client } = await openLogin(context);
    const { search } = options as { readonly search?: string };
    const filter = search === undefined ? {} : { search };
    const found = await listAll<SelectedRealm>(client, {
      field: 'realms',
      filterType: 'RealmFilter',
      filter,
      select: SELECTION,
    });
    const realms = found.map(toRealmJson);
    output.json({ realms });
    output.table(
      ['REALM', 'NAME', 'LIFETIME', 'NOTICE', 'ACTIONS'],
      realms.map(({ slug, name, shortestLifetime, longestLifetime, minimumNotice, actions }) => {
        const lifetime = `${shortestLifetime} to ${longestLifetime}`;
        return [slug, plainLine(name), lifetime, minimumNotice, plainLine(actions.join(', '))];
      }),
      'No realms match.',
    );
    return exitStatus.OK;
  },
};

function toRealmJson({ actions, ...realm }: SelectedRealm): RealmJson {
  return { ...realm, actions: actions.flatMap(({ name, retiredAt }) => (retiredAt === null ? [name] : [])) };
}
