import { z } from 'zod';
import { serviceUrl } from '../../service-url.ts';
import { dockerConfigFormat } from './docker-config.ts';
import { dotenvFormat } from './dotenv.ts';
import type { FileFormat } from './file-format.ts';
import { netrcFormat } from './netrc.ts';
import { npmrcFormat } from './npmrc.ts';
import { nugetConfigFormat } from './nuget-config.ts';
import { checkReplaceable, readTextFile, writeFileAtomically } from './atomic-file.ts';
import { wholeFileFormat } from './whole-file.ts';
import type { Deployer, DeployerKind } from '../deployer.ts';
import { isSameSecret } from '../is-same-secret.ts';

const file = z.string().startsWith('/', 'an absolute path');
/** A text that needs no quotes in these formats. */
const word = z.string().regex(/^[^\s"'#\p{Cc}]+$/u, 'a word without spaces and quotes');
const username = word.default('keytide');

/** The kinds of files. Each file is replaced as a whole, with mode 0600, and everything else in it is preserved. */
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

/** Creates a file kind. `nameEntry` returns the part of the place's name that tells apart several secrets in a file. */
function createFileKind<Shape extends z.ZodType<FileSettings>>(
  settings: Shape,
  format: FileFormat<z.output<Shape>>,
  nameEntry: (settings: z.output<Shape>) => string,
): DeployerKind<Shape> {
  return { settings, open: (given) => openFilePlace(given, format, nameEntry(given)) };
}

function openFilePlace<Settings extends FileSettings>(
  settings: Settings,
  format: FileFormat<Settings>,
  nameEntry: string,
): Deployer {
  const { to, file } = settings;
  return {
    place: `${to} ${file}${nameEntry}`,
    async check() {
      // Check that the file has the format; the text written here is not used.
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
