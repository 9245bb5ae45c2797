import { z } from 'zod';
import { baseUrl } from '../base-url.ts';
import { dockerConfig } from '../places/docker-config.ts';
import { dotenv } from '../places/dotenv.ts';
import type { FileFormat } from '../places/file-format.ts';
import { netrc } from '../places/netrc.ts';
import { npmrc } from '../places/npmrc.ts';
import { nugetConfig } from '../places/nuget-config.ts';
import { checkReplaceable, readText, replaceFile } from '../places/replace-file.ts';
import { wholeFile } from '../places/whole-file.ts';
import type { Deployer, DeployerKind } from './deployer.ts';
import { isSameSecret } from './is-same-secret.ts';

const file = z.string().startsWith('/', 'an absolute path');
/** Nothing that would end a word or a line where it is written. */
const word = z.string().regex(/^[^\s"'#\p{Cc}]+$/u, 'a word without spaces and quotes');
const username = word.default('keytide');

/** The kinds of files. Each is written whole, for its owner alone, and all else in it stays. */
export const files = {
  file: kind(z.strictObject({ to: z.literal('file'), file }), wholeFile, () => ''),
  dotenv: kind(
    z.strictObject({ to: z.literal('dotenv'), file, name: z.string().regex(/^[\w.-]+$/) }),
    dotenv,
    ({ name }) => ` ${name}`,
  ),
  npmrc: kind(
    z.strictObject({ to: z.literal('npmrc'), file, registry: baseUrl }),
    npmrc,
    ({ registry }) => ` ${registry}`,
  ),
  nuget: kind(
    z.strictObject({ to: z.literal('nuget'), file, source: z.string().min(1), username }),
    nugetConfig,
    ({ source }) => ` ${source}`,
  ),
  netrc: kind(
    z.strictObject({ to: z.literal('netrc'), file, host: word, login: word }),
    netrc,
    ({ login, host }) => ` ${login}@${host}`,
  ),
  docker: kind(
    z.strictObject({ to: z.literal('docker'), file, registry: word, username }),
    dockerConfig,
    ({ registry }) => ` ${registry}`,
  ),
};

interface FileSettings {
  readonly to: string;
  readonly file: string;
}

/** `within` says which of the secrets of one file is meant. */
function kind<Shape extends z.ZodType<FileSettings>>(
  settings: Shape,
  format: FileFormat<z.output<Shape>>,
  within: (settings: z.output<Shape>) => string,
): DeployerKind<Shape> {
  return { settings, open: (given) => open(given, format, within(given)) };
}

function open<Settings extends FileSettings>(
  settings: Settings,
  format: FileFormat<Settings>,
  within: string,
): Deployer {
  const { to, file } = settings;
  return {
    place: `${to} ${file}${within}`,
    async check() {
      // Whether it can be read as what it is said to be; what would be written is not a secret yet.
      format.write(await readText(file), 'kt', settings);
      await checkReplaceable(file);
    },
    async put(secret) {
      const text = await readText(file);
      await replaceFile(file, format.write(text, secret.reveal(), settings));
    },
    async holds(secret) {
      const text = await readText(file);
      const found = text === null ? null : format.read(text, settings);
      return found !== null && isSameSecret(found, secret);
    },
  };
}
