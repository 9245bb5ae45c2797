// @ts-check

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { give, mask, needInput, note, readInput, StepError } from './job.mjs';

/** Of sysexits.h: not now, the next run mends it. */
const TEMPORARY = 75;
/** The places find the token in this variable. */
const TOKEN_VARIABLE = 'KEYTIDE_DEPLOY_TOKEN';

/** Keeps a stored key, unless the folder keeps it from an earlier run, and renews what is due. */
export function renew() {
  const name = needInput('name');
  const env = environment();
  const { keys: kept = [] } = readAnswer(run(['keep', '--json'], env));
  const isKept = kept.some((/** @type {{ name: string }} */ key) => key.name === name);
  const problem = isKept ? null : keep(name, env);
  if (problem !== null) return note('warning', `${name}: ${problem}`);
  const ended = run(['renew', name, '--json'], env);
  const [{ outcome = '', message = '', stopsAt = null } = {}] = readAnswer(ended).keys ?? [];
  give('GITHUB_OUTPUT', 'outcome', outcome);
  give('GITHUB_OUTPUT', 'stops-at', stopsAt ?? '');
  const sentence = `${name}: ${outcome} ${message}`.trim().replaceAll(/\s+/g, ' ');
  if (ended.status === TEMPORARY) return note('warning', sentence);
  if (ended.status !== 0) throw new StepError(sentence);
  process.stdout.write(`${sentence}\n`);
}

/**
 * Null: it is kept; else why it cannot be now, which the next run mends.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
function keep(name, env) {
  const secret = needInput('secret');
  mask(secret);
  const places = readInput('deploy').split('\n').flatMap(wordsOf);
  const words = ['keep', name, '--url', needInput('url'), '--grace-period', readInput('grace-period') || 'P7D'];
  if (places.length > 0) words.push('--deploy', ...places);
  const { status, stderr } = run(words, env, `${secret}\n`);
  const sentence = `The key is not kept. ${stderr.trim()}`;
  if (status === TEMPORARY) return sentence.replaceAll(/\s+/g, ' ');
  if (status !== 0) throw new StepError(sentence);
  return null;
}

/**
 * The words of a place. Those of GitHub take the token that the step was given.
 *
 * @param {string} line
 */
function wordsOf(line) {
  const words = line.trim().split(/\s+/).filter(Boolean);
  const hasToken = words.some((word) => /^token(Variable|File)=/.test(word));
  return words[0] === 'github' && !hasToken ? [...words, `tokenVariable=${TOKEN_VARIABLE}`] : words;
}

/** That of the command: its folders, the token, and none of the inputs, for the secret is one. */
function environment() {
  const folder = readInput('folder') || mkdtempSync(join(needVariable('RUNNER_TEMP'), 'keytide-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = readInput('token');
  if (token !== '') mask(token);
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith('INPUT_'));
  return {
    ...Object.fromEntries(given),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    ...(token !== '' && { [TOKEN_VARIABLE]: token }),
  };
}

/** @param {string} name */
function needVariable(name) {
  const value = process.env[name];
  if (!value) throw new StepError(`The variable ${name} is not set: this is no job of GitHub Actions.`);
  return value;
}

/**
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 * @param {string} input
 */
function run(words, env, input = '') {
  const [file = '', ...first] = (readInput('command') || 'keytide').split(/\s+/);
  const ended = spawnSync(file, [...first, ...words], { env, input, encoding: 'utf8' });
  if (ended.error) throw new StepError(`${file} cannot be started: install the keytide command before this step.`);
  return ended;
}

/** @param {{ stdout: string, stderr: string }} ended */
function readAnswer({ stdout, stderr }) {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new StepError(stderr.trim() || 'The keytide command answered with no JSON.');
  }
}
