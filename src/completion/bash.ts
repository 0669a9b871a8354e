import { type Choice, grouped, type Places } from './tree.ts';

/** A function for bash's `complete -F`. */
export function bashScript(places: Places): string {
  return `# bash completion for ipcountry, made by 'ipcountry completion bash'
_ipcountry() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local path= count=0 skip= words= files= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $skip ]]; then skip=; continue; fi
    case "$path:$word" in
      ${patterns(places.takers)}) skip=1 ;;
      *:-*) ;;
      ${patterns(places.verbs)}) path=\${path:+$path }$word ;;
      *) count=$((count + 1)) ;;
    esac
  done
  if [[ $skip ]]; then
    case "$path:$prev" in
${cases(places.values, choiceOf)}
    esac
  elif [[ $cur == -* ]]; then
    case "$path" in
${cases(places.options, choiceOf)}
    esac
  else
    case "$path:$count" in
${cases(places.words, choiceOf)}
    esac
  fi
  if [[ $files ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _ipcountry ipcountry
`;
}

function choiceOf(choice: Choice): string {
  return choice === 'files' ? 'files=1' : `words='${choice.map(({ word }) => word).join(' ')}'`;
}

function cases<T>(table: ReadonlyMap<string, T>, action: (choice: T) => string): string {
  return grouped(table)
    .map(([places, choice]) => `      ${patterns(places)}) ${action(choice)} ;;`)
    .join('\n');
}

/** Case patterns: all quoted but the stars. */
export function patterns(places: readonly string[]): string {
  return places
    .map((place) => (place === '' ? "''" : place.replace(/[^*]+/g, (part) => `'${part}'`)))
    .join('|');
}
