/** A command, as a shell completes it. */
export interface Completed {
  readonly name: string;
  readonly summary: string;
  /** What its arguments can be, where that is known. */
  readonly words: readonly string[];
  readonly options: readonly { readonly name: string; readonly description: string }[];
}

type Write = (commands: readonly Completed[]) => string;

export type Shell = keyof typeof writers;

/** What each shell reads. */
export const writers = { bash: forBash, zsh: forZsh, fish: forFish } as const satisfies Record<string, Write>;

/** To be read by: source <(keytide completion bash) */
function forBash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, words, options }) => {
    const all = [...words, ...options.map((option) => option.name)].join(' ');
    return `    ${name}) words=${quoted(all)} ;;`;
  });
  return `_keytide() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_CWORD}:\${COMP_WORDS[1]}" in
    1:*) words=${quoted(['help', ...commands.map(({ name }) => name)].join(' '))} ;;
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

/** To be put into a file _keytide in a folder of $fpath, or read by: source <(keytide completion zsh) */
function forZsh(commands: readonly Completed[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, words, options }) => {
    const specs = options.map((option) => quoted(`${option.name}[${option.description.replaceAll(/[[\]:]/g, '')}]`));
    const rest = words.length > 0 ? quoted(`*:word:(${words.join(' ')})`) : quoted('*:file:_files');
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

/** To be read by: keytide completion fish | source */
function forFish(commands: readonly Completed[]): string {
  const lines = ['complete -c keytide -n __fish_use_subcommand -f'];
  for (const { name, summary, words, options } of commands) {
    lines.push(`complete -c keytide -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`);
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    if (words.length > 0) lines.push(`complete -c keytide ${seen} -f -a ${quoted(words.join(' '))}`);
    for (const option of options) {
      lines.push(`complete -c keytide ${seen} -l ${option.name.slice(2)} -d ${quoted(option.description)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
