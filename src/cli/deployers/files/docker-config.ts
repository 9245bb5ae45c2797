import { CommandError, exitStatus } from '../../exit-status.ts';
import { detectLineEnd, type FileFormat } from './file-format.ts';

/** The registry and the user name of a password. */
interface Registry {
  /** The registry as Docker names it: `registry.example.com`, or `https://index.docker.io/v1/`. */
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

/**
 * Docker's `config.json`: `auths.<registry>.auth`, base64 of user name and password (docs.docker.com, docker login,
 * "Credential stores").
 */
export const dockerConfigFormat: FileFormat<Registry> = {
  write(text, secret, { registry, username }) {
    const config = parseDockerConfig(text ?? '{}');
    if (config.credsStore !== undefined || config.credHelpers?.[registry] !== undefined) {
      const found = 'Docker’s configuration uses a credential store for this registry and ignores other credentials';
      throw new CommandError(exitStatus.CONFIG, `${found}: deploy to the store with exec.`);
    }
    const auth = Buffer.from(`${username}:${secret}`).toString('base64');
    // A token of an earlier login would take precedence over `auth`.
    const { identitytoken: _, registrytoken: __, ...entry } = config.auths?.[registry] ?? {};
    const auths = { ...config.auths, [registry]: { ...entry, auth } };
    const json = JSON.stringify({ ...config, auths }, null, detectIndent(text ?? ''));
    const lastLineEnd = text === null || text.endsWith('\n') ? '\n' : '';
    return `${json}${lastLineEnd}`.replaceAll('\n', detectLineEnd(text ?? ''));
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
    // The parser's message contains parts of the file, so it is not passed on.
  }
  throw new CommandError(exitStatus.DATA, 'Docker’s configuration is not a JSON object. The file was not changed.');
}

function detectIndent(text: string): string {
  return /^\{\s*\n([ \t]+)/.exec(text)?.[1] ?? (text === '' ? '\t' : '');
}
