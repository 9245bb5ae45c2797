import { CommandError, exitStatus } from '../exit-status.ts';
import { detectLineEnd, type FileFormat } from './file-format.ts';

/** Whose password it is, and for which registry. */
interface Registry {
  /** As Docker names it: `registry.example.com`, or `https://index.docker.io/v1/`. */
  readonly registry: string;
  readonly username: string;
}

interface DockerEntry {
  readonly auth?: string;
  readonly identitytoken?: unknown;
  readonly registrytoken?: unknown;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, DockerEntry>>;
  readonly credsStore?: unknown;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
}

/** Docker's `config.json`: `auths.<registry>.auth`, base64 of user name and password (docs.docker.com, docker login, "Credential stores"). */
export const dockerConfigFormat: FileFormat<Registry> = {
  write(text, secret, { registry, username }) {
    const config = parseDockerConfig(text ?? '{}');
    if (config.credsStore !== undefined || config.credHelpers?.[registry] !== undefined) {
      const found = 'Docker’s configuration names a credential store for this registry, and so reads nothing else';
      throw new CommandError(exitStatus.CONFIG, `${found}: deploy to the store by exec.`);
    }
    const auth = Buffer.from(`${username}:${secret}`).toString('base64');
    // A token of an earlier login would go ahead of it.
    const { identitytoken: _, registrytoken: __, ...entry } = config.auths?.[registry] ?? {};
    const auths = { ...config.auths, [registry]: { ...entry, auth } };
    const written = JSON.stringify({ ...config, auths }, null, detectIndent(text ?? ''));
    const end = text === null || text.endsWith('\n') ? '\n' : '';
    return `${written}${end}`.replaceAll('\n', detectLineEnd(text ?? ''));
  },
  read(text, { registry }) {
    const auth = parseDockerConfig(text).auths?.[registry]?.auth;
    return auth === undefined
      ? null
      : Buffer.from(auth, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '');
  },
};

function parseDockerConfig(text: string): DockerConfig {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config;
  } catch {
    // What a parser says of it repeats a part of it.
  }
  throw new CommandError(exitStatus.DATA, 'Docker’s configuration is no JSON object: it is left as it is.');
}

function detectIndent(text: string): string {
  return /^\{\s*\n([ \t]+)/.exec(text)?.[1] ?? (text === '' ? '\t' : '');
}
