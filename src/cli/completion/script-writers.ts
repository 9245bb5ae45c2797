/** The completions of a command. */
export interface CompletionEntry {
  readonly name: string;
  readonly summary: string;
  /** The possible values of its arguments; empty: unknown. */
  readonly choices: readonly string[];
  readonly options: readonly {
    readonly name: string;
    readonly description: string;
    /** The possible values, or what they begin with; empty: unknown. */
    readonly words: readonly string[];
  }[];
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
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter((option) => option.words.length > 0)
      .map((option) => `    '${name} ${option.name}') values=${quoteWord(option.words.join(' '))} ;;`),
  );
  return `_keytide() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words values="" option="" index
  for ((index = 2; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in --*) option="\${COMP_WORDS[index]}" ;; esac
  done
  case "\${COMP_WORDS[1]} $option" in
${values.join('\n')}
  esac
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
  # A shell takes the = of name=value for a word: what follows it has no name.
  case "$values:$current:\${COMP_WORDS[COMP_CWORD-1]}" in
    :* | *:-*:* | *:=:* | *:=) ;;
    *)
      COMPREPLY=($(compgen -W "$values" -- "$current"))
      case "\${COMPREPLY[0]}" in *= | *.) compopt -o nospace 2>/dev/null ;; esac
      return
      ;;
  esac
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
    const specs = options.map(({ name: option, description, words }) => {
      const values = words.length === 0 ? '' : `:value:{compadd -S "" -- ${words.join(' ')}}`;
      return quoteWord(`${option}[${description.replaceAll(/[[\]:]/g, '')}]${values}`);
    });
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
      const values = option.words.length === 0 ? '' : ` -x -a ${quoteWord(option.words.join(' '))}`;
      const flag = `-l ${option.name.slice(2)}`;
      lines.push(`complete -c keytide ${condition} ${flag}${values} -d ${quoteWord(option.description)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Quotes a text as a single shell word. */
function quoteWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
