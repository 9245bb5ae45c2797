/** The completions of a command. */
export interface CompletionEntry {
  readonly name: string;
  readonly summary: string;
  /** The possible values of its arguments; empty: unknown. */
  readonly choices: readonly string[];
  readonly options: readonly { readonly name: string; readonly description: string }[];
}

type WriteScript = (commands: readonly CompletionEntry[]) => string;

export type Shell = keyof typeof scriptWriters;

/** Writes the completion script of each shell. */
export const scriptWriters = { bash: writeBash, zsh: writeZsh, fish: writeFish } as const satisfies Record<
  string,
  WriteScript
>;

/** Writes the script for: source <(keytide completion bash) */
function writeBash(commands: readonly CompletionEntry[]): string {
  const cases = commands.map(({ name, choices, options }) => {
    const candidates = [...choices, ...options.map((option) => option.name)].join(' ');
    return `    ${name}) words=${quoteWord(candidates)} ;;`;
  });
  return `_keytide() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_CWORD}:\${COMP_WORDS[1]}" in
    1:*) words=${quoteWord(['help', ...commands.map(({ name }) => name)].join(' '))} ;;
    *) words="" ;;
  esac
  if [ "\${COMP_CWORD}" -gt 1 ]; then
    case "\${COMP_WORDS[1]}" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
  fi
  COMPREPLY=()
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
  esac
  if [ "\${COMP_CWORD}" -eq 1 ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -F _keytide keytide
`;
}

/** Writes the script for a file _keytide in a folder of $fpath, or for: source <(keytide completion zsh) */
function writeZsh(commands: readonly CompletionEntry[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoteWord(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, choices, options }) => {
    const specs = options.map((option) => quoteWord(`${option.name}[${option.description.replaceAll(/[[\]:]/g, '')}]`));
    const rest = choices.length > 0 ? quoteWord(`*:word:(${choices.join(' ')})`) : quoteWord('*:file:_files');
    return `    ${name}) _arguments ${[...specs, rest].join(' ')} ;;`;
  });
  return `#compdef keytide
_keytide() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _keytide keytide
`;
}

/** Writes the script for: keytide completion fish | source */
function writeFish(commands: readonly CompletionEntry[]): string {
  const lines = ['complete -c keytide -n __fish_use_subcommand -f'];
  for (const { name, summary, choices, options } of commands) {
    lines.push(`complete -c keytide -n __fish_use_subcommand -a ${name} -d ${quoteWord(summary)}`);
    const condition = `-n '__fish_seen_subcommand_from ${name}'`;
    if (choices.length > 0) lines.push(`complete -c keytide ${condition} -f -a ${quoteWord(choices.join(' '))}`);
    for (const option of options) {
      lines.push(`complete -c keytide ${condition} -l ${option.name.slice(2)} -d ${quoteWord(option.description)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Quotes a text as a single shell word. */
function quoteWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
