import { z } from 'zod';
import { serviceUrl } from '../service-url.ts';
import { dockerConfigFormat } from '../places/docker-config.ts';
import { dotenvFormat } from '../places/dotenv.ts';
import type { FileFormat } from '../places/file-format.ts';
import { netrcFormat } from '../places/netrc.ts';
import { npmrcFormat } from '../places/npmrc.ts';
import { nugetConfigFormat } from '../places/nuget-config.ts';
import { checkReplaceable, readTextFile, writeFileAtomically } from '../places/atomic-file.ts';
import { wholeFileFormat } from '../places/whole-file.ts';
import type { Deployer, DeployerKind } from './deployer.ts';
import { isSameSecret } from './is-same-secret.ts';

const file = z.string().startsWith('/', 'an absolute path');
/** Nothing that would end a word or a line where it is written. */
const word = z.string().regex(/^[^\s"'#\p{Cc}]+$/u, 'a word without spaces and quotes');
const username = word.default('keytide');

/** The kinds of files. Each is written whole, for its owner alone, and all else in it stays. */
export const fileDeployers = {
  file: createFileKind(z.strictObject({ to: z.literal('file'), file }), wholeFileFormat, () => ''),
  dotenv: createFileKind(
    z.strictObject({ to: z.literal('dotenv'), file, name: z.string().regex(/^[\w.-]+$/) }),
    dotenvFormat,
    ({ name }) => ` ${name}`,
  ),
  npmrc: createFileKind(
    z.strictObject({ to: z.literal('npmrc'), file, registry: serviceUrl }),
    npmrcFormat,
    ({ registry }) => ` ${registry}`,
  ),
  nuget: createFileKind(
    z.strictObject({ to: z.literal('nuget'), file, source: z.string().min(1), username }),
    nugetConfigFormat,
    ({ source }) => ` ${source}`,
  ),
  netrc: createFileKind(
    z.strictObject({ to: z.literal('netrc'), file, host: word, login: word }),
    netrcFormat,
    ({ login, host }) => ` ${login}@${host}`,
  ),
  docker: createFileKind(
    z.strictObject({ to: z.literal('docker'), file, registry: word, username }),
    dockerConfigFormat,
    ({ registry }) => ` ${registry}`,
  ),
};

interface FileSettings {
  readonly to: string;
  readonly file: string;
}

/** `within` says which of the secrets of one file is meant. */
function createFileKind<Shape extends z.ZodType<FileSettings>>(
  settings: Shape,
  format: FileFormat<z.output<Shape>>,
  within: (settings: z.output<Shape>) => string,
): DeployerKind<Shape> {
  return { settings, open: (given) => openFilePlace(given, format, within(given)) };
}

function openFilePlace<Settings extends FileSettings>(
  settings: Settings,
  format: FileFormat<Settings>,
  within: string,
): Deployer {
  const { to, file } = settings;
  return {
    place: `${to} ${file}${within}`,
    async check() {
      // Whether it can be read as what it is said to be; what would be written is not a secret yet.
      format.write(await readTextFile(file), 'kt', settings);
      await checkReplaceable(file);
    },
    async put(secret) {
      const text = await readTextFile(file);
      await writeFileAtomically(file, format.write(text, secret.reveal(), settings));
    },
    async holds(secret) {
      const text = await readTextFile(file);
      const found = text === null ? null : format.read(text, settings);
      return found !== null && isSameSecret(found, secret);
    },
  };
}
