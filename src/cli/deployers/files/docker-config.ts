import { z } from 'zod';
import { CommandError, exitStatus } from '../../exit-status.ts';
import { createFileDeployer, fileSetting, wordSetting } from './deploy-to-file.ts';
import type { FileFormat } from './file-format.ts';
import {
  addJsonMember,
  readJsonObject,
  removeJsonMembers,
  replaceJsonValue,
  type JsonMember,
  type JsonObject,
} from './json-object.ts';

/** The registry and the user name of a password. */
interface Registry {
  /** The registry as Docker names it: `registry.example.com`, or `https://index.docker.io/v1/`. */
  readonly registry: string;
  readonly username: string;
}

/** The key of Docker Hub, the only one that is a URL (docker/cli, cli/registry). */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Tokens of an earlier login, which take precedence over `auth`. */
const tokenFields = ['identitytoken', 'registrytoken'];

/**
 * Docker's `config.json`: `auths.<registry>.auth`, base64 of user name and password (docs.docker.com, docker login,
 * "Credential stores"; docker/cli, cli/config). As in Docker, an empty file is an empty configuration, and an empty
 * name of a credential helper means that there is none. Everything else in the file stays as it is, byte for byte.
 */
export const dockerConfigFormat: FileFormat<Registry> = {
  write(currentText, secret, { registry, username }) {
    const text = currentText === null || currentText.trim() === '' ? '{}\n' : currentText;
    const config = readConfig(text);
    if (findHelper(text, config, registry) !== '') {
      const found = 'Docker’s configuration uses a credential store for this registry and ignores other credentials';
      throw new CommandError(exitStatus.CONFIG, `${found}: deploy to the store with exec.`);
    }
    const auth = Buffer.from(`${username}:${secret}`).toString('base64');
    const auths = findField(config, 'auths');
    const entries = readMap(text, auths);
    const name = findEntryName(entries, registry);
    if (config.members.length === 0) return `${JSON.stringify({ auths: { [name]: { auth } } }, null, '\t')}\n`;
    if (auths === undefined) return addJsonMember(text, config, 'auths', { [name]: { auth } });
    if (entries === null) return replaceJsonValue(text, auths, JSON.stringify({ [name]: { auth } }));
    const entry = findMember(entries, name);
    if (entry === undefined) return addJsonMember(text, entries, name, { auth });
    const fields = readMap(text, entry);
    if (fields === null) return replaceJsonValue(text, entry, JSON.stringify({ auth }));
    const current = findField(fields, 'auth');
    const written =
      current === undefined
        ? addJsonMember(text, fields, 'auth', auth)
        : replaceJsonValue(text, current, JSON.stringify(auth));
    const writtenFields = readJsonObject(written, fields.from) ?? fields;
    return removeJsonMembers(written, writtenFields, (member) => tokenFields.includes(member.name.toLowerCase()));
  },
  read(text, { registry }) {
    if (text.trim() === '') return null;
    const config = readConfig(text);
    if (findHelper(text, config, registry) !== '') return null;
    const entries = readMap(text, findField(config, 'auths'));
    const fields = readMap(text, findMember(entries, findEntryName(entries, registry)));
    if (fields?.members.some(({ name }) => tokenFields.includes(name.toLowerCase())) === true) return null;
    const auth = readText(text, findField(fields, 'auth'));
    return auth === ''
      ? null
      : Buffer.from(auth, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '');
  },
};

const settings = z.strictObject({
  to: z.literal('docker'),
  file: fileSetting,
  registry: wordSetting,
  username: wordSetting.default('keytide'),
});

export const dockerDeployer = createFileDeployer(settings, dockerConfigFormat, ({ registry }) => ` ${registry}`);

function readConfig(text: string): JsonObject {
  try {
    JSON.parse(text);
  } catch {
    // The parser's message contains parts of the file, so it is not passed on.
    throw malformedError();
  }
  const config = readJsonObject(text, 0);
  if (config === null) throw malformedError();
  return config;
}

/** Returns the name of the credential helper that Docker uses for a registry. Empty: Docker reads the file. */
function findHelper(text: string, config: JsonObject, registry: string): string {
  const helpers = readMap(text, findField(config, 'credHelpers'));
  const own = findMember(helpers, registry) ?? findMember(helpers, toHostname(registry));
  return readText(text, own ?? findField(config, 'credsStore'));
}

/** Returns the name of the entry that Docker reads: the host of the registry, or else the registry as it is given. */
function findEntryName(entries: JsonObject | null, registry: string): string {
  const host = toHostname(registry);
  return findMember(entries, host) === undefined ? registry : host;
}

function toHostname(registry: string): string {
  return registry === DOCKER_HUB ? registry : registry.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}

/** Finds a field of Docker's own. As in Go's encoding/json, case does not matter, and the last one counts. */
function findField(object: JsonObject | null, name: string): JsonMember | undefined {
  return object?.members.findLast((member) => member.name.toLowerCase() === name.toLowerCase());
}

function findMember(object: JsonObject | null, name: string): JsonMember | undefined {
  return object?.members.findLast((member) => member.name === name);
}

/** Reads the object of a member; null: there is none. */
function readMap(text: string, member: JsonMember | undefined): JsonObject | null {
  if (member === undefined || text.slice(member.valueFrom, member.valueTo) === 'null') return null;
  const object = readJsonObject(text, member.valueFrom);
  if (object === null) throw malformedError();
  return object;
}

function readText(text: string, member: JsonMember | undefined): string {
  const value: unknown = member === undefined ? null : JSON.parse(text.slice(member.valueFrom, member.valueTo));
  if (value === null) return '';
  if (typeof value === 'string') return value;
  throw malformedError();
}

function malformedError(): CommandError {
  return new CommandError(
    exitStatus.DATA,
    'Docker’s configuration is not a JSON object of the expected structure. The file was not changed.',
  );
}
