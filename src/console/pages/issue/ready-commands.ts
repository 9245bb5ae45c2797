import type { RenewalPlan } from './key-draft.ts';

/** A command to run, and what it does. */
export interface ReadyCommand {
  readonly purpose: string;
  readonly command: string;
}

export const planNames: Readonly<Record<RenewalPlan, string>> = {
  SERVER: 'keytide renew, on a server',
  GITHUB: 'keytide renew, for GitHub Actions',
  GITLAB: 'keytide renew, for GitLab CI',
  PROGRAM: 'my own program, by renewKey',
  HAND: 'by hand',
};

export const planHints: Readonly<Record<RenewalPlan, string>> = {
  SERVER: 'A timer runs keytide renew. It renews the key, and replaces its secret in the files that use it.',
  GITHUB: 'A timer runs keytide renew. It writes each new secret to a secret of the repository.',
  GITLAB: 'A timer runs keytide renew. It writes each new secret to a variable of the project.',
  PROGRAM: 'The program that has the key asks to renew it, with the key itself.',
  HAND: 'Keytide tells you ahead of the stop. If you do nothing, the key stops.',
};

/** Returns the commands for a key that was just issued. None contains the secret: it is pasted when they ask for it. */
export function readyCommands(plan: RenewalPlan, keyName: string, origin: string): readonly ReadyCommand[] {
  const name = slugOf(keyName);
  const variable = `${name.replaceAll('-', '_').toUpperCase()}_KEY`;
  // The command reads the secret from a pipe, and refuses a terminal.
  const keep = `cat | keytide keep ${name} --url ${origin}`;
  switch (plan) {
    case 'SERVER':
      return [
        { purpose: 'Register the key on the server. Paste the secret, then press Ctrl+D:', command: keep },
        { purpose: 'Renew it from now on, for example each hour:', command: `0 * * * * keytide renew ${name}` },
      ];
    case 'GITHUB':
      return [
        {
          purpose: 'Store the secret in the repository. Paste it when you are asked:',
          command: `gh secret set ${variable}`,
        },
        {
          purpose: 'Register the key where keytide renew runs. Paste the secret, then press Ctrl+D:',
          command: `${keep} --deploy github repository=OWNER/REPOSITORY secret=${variable} tokenFile=/etc/keytide/github-token`,
        },
      ];
    case 'GITLAB':
      return [
        {
          purpose: 'Store the secret in the project. Paste it, then press Ctrl+D:',
          command: `cat | glab variable set ${variable} --masked`,
        },
        {
          purpose: 'Register the key where keytide renew runs. Paste the secret, then press Ctrl+D:',
          command: `${keep} --deploy gitlab project=GROUP/PROJECT variable=${variable} tokenFile=/etc/keytide/gitlab-token`,
        },
      ];
    case 'PROGRAM':
    case 'HAND':
      return [
        {
          purpose: 'Check that the key works. Paste the secret when you are asked:',
          command: `read -rs SECRET; curl -s ${origin}/graphql -H "Authorization: Bearer $SECRET" -H 'Content-Type: application/json' -d '{"query":"{ viewer { ... on Key { name stopsAt } } }"}'`,
        },
      ];
  }
}

/** Returns a name that needs no quotation marks in a shell. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? 'key' : slug.slice(0, 40).replace(/-$/, '');
}
