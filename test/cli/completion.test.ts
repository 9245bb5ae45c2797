import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandTable } from '../../src/cli/all-commands.ts';
import { CONDITION_WORDS } from '../../src/cli/change/change-input.ts';
import { runCommand } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const names = commandTable.map(({ name }) => name);

const writeScript = async (shell: string) => {
  const run = await runCommand(['completion', shell], { home: scratchFolder() });
  expect([run.status, run.stderr]).toEqual([0, '']);
  return run.stdout;
};

/** Returns the completions of bash for the given words. */
function completeWords(script: string, ...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(keytide ${line}); COMP_CWORD=${words.length}; _keytide; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', `${script}\n${ask}`], { cwd: scratchFolder(), encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

test('completion: bash completes every command and its options', async () => {
  const script = await writeScript('bash');
  expect(completeWords(script, '')).toEqual(['help', ...names]);
  expect(completeWords(script, 'lo')).toEqual(['login', 'logout']);
  expect(completeWords(script, 'login', '--')).toEqual(['--url', '--with-token', '--name', '--json', '--help']);
  expect(completeWords(script, 'check', '--w')).toEqual(['--warn']);
  expect(completeWords(script, 'completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
});

test('completion: bash completes the names of conditions after --where', async () => {
  const script = await writeScript('bash');
  const names = completeWords(script, 'change', 'hold', '--where', '');
  expect(names).toEqual(CONDITION_WORDS);
  expect(completeWords(script, 'change', 'hold', '--where', 'issued-')).toEqual([
    'issued-by=',
    'issued-after=',
    'issued-before=',
  ]);
  // Bash takes owner=a for three words. More conditions follow the first.
  const first = ['change', 'hold', '--where', 'owner', '=', 'a'];
  expect(completeWords(script, ...first, 'sub')).toEqual(['subject=']);
  expect(completeWords(script, ...first.slice(0, 5), 'sub')).toEqual([]);
  expect(completeWords(script, ...first, '--rea')).toEqual(['--realm', '--reason']);
  expect(completeWords(script, ...first, '--reason', 'sub')).toEqual([]);
});

test('completion: the scripts for zsh and fish have every command and option', async () => {
  for (const shell of ['zsh', 'fish']) {
    const script = await writeScript(shell);
    for (const name of names) expect(script).toContain(name);
    expect(script).toContain('with-token');
    for (const word of CONDITION_WORDS) expect(script).toContain(word);
    expect(script).toContain('--help'.slice(shell === 'fish' ? 2 : 0));
    // If the shell is installed, it parses the script.
    const found = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    if (found.error === undefined) expect([shell, found.status, found.stderr]).toEqual([shell, 0, '']);
  }
});

test('completion: another shell is refused with the list of shells', async () => {
  const { status, stderr } = await runCommand(['completion', 'tcsh'], { home: scratchFolder() });
  expect([status, stderr]).toEqual([64, expect.stringContaining('Allowed choices are bash, zsh, fish')]);
});
