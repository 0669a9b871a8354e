import { patterns } from './bash.ts';
import { type Choice, grouped, type Places, type Word } from './tree.ts';

/** A function for zsh's completion system, for a file named `_ipcountry`. */
export function zshScript(places: Places): string {
  return `#compdef ipcountry
# zsh completion for ipcountry, made by 'ipcountry completion zsh'
_ipcountry() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]}
  local verbs= skip= files= word
  local -i count=0
  local -a list
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$verbs:$word" in
      (${patterns(places.takers)}) skip=1 ;;
      (*:-*) ;;
      (${patterns(places.verbs)}) verbs=\${verbs:+$verbs }$word ;;
      (*) count+=1 ;;
    esac
  done
  if [[ -n $skip ]]; then
    case "$verbs:$prev" in
${cases(places.values)}
    esac
  elif [[ $cur == -* ]]; then
    case "$verbs" in
${cases(places.options)}
    esac
  else
    case "$verbs:$count" in
${cases(places.words)}
    esac
  fi
  if [[ -n $files ]]; then _files
  elif (( \${#list} )); then _describe -V ipcountry list
  fi
}
if [[ \${funcstack[1]} == _ipcountry ]]; then _ipcountry "$@"; else compdef _ipcountry ipcountry; fi
`;
}

function cases(table: ReadonlyMap<string, Choice>): string {
  return grouped(table)
    .map(([places, choice]) => {
      const action = choice === 'files' ? 'files=1' : `list=(${choice.map(entry).join(' ')})`;
      return `      (${patterns(places)}) ${action} ;;`;
    })
    .join('\n');
}

/** `word:about`, as _describe takes it. */
function entry({ word, about }: Word): string {
  const text = about === '' ? word : `${word}:${about.replaceAll(':', '\\:')}`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
