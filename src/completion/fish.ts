import { type Choice, grouped, type Places, type Word } from './tree.ts';

/** Completions for fish: one function says where the command line is, and what may stand there. */
export function fishScript(places: Places): string {
  return `# fish completion for ipcountry, made by 'ipcountry completion fish'
function __ipcountry_words
  set -l tokens (commandline -opc)
  set -l cur (commandline -ct)
  set -l prev $tokens[-1]
  set -l verbs ''
  set -l count 0
  set -l skip ''
  for word in $tokens[2..-1]
    if test -n "$skip"
      set skip ''
      continue
    end
    switch "$verbs:$word"
      case ${patterns(places.takers)}
        set skip 1
      case '*:-*'
      case ${patterns(places.verbs)}
        set verbs (string trim -- "$verbs $word")
      case '*'
        set count (math $count + 1)
    end
  end
  if test -n "$skip"
    switch "$verbs:$prev"
${cases(places.values)}
    end
  else if string match -q -- '-*' "$cur"
    switch "$verbs"
${cases(places.options)}
    end
  else
    switch "$verbs:$count"
${cases(places.words)}
    end
  end
end
complete -c ipcountry -f -a '(__ipcountry_words)'
`;
}

function cases(table: ReadonlyMap<string, Choice>): string {
  return grouped(table)
    .map(([places, choice]) => {
      const action =
        choice === 'files'
          ? '__fish_complete_path "$cur"'
          : `printf '%s\\t%s\\n' ${choice.map(entry).join(' ')}`;
      return `      case ${patterns(places)}\n        ${action}`;
    })
    .join('\n');
}

function entry({ word, about }: Word): string {
  return `${quoted(word)} ${quoted(about)}`;
}

/** In fish's quotes a star is still a pattern of `case`. */
function patterns(places: readonly string[]): string {
  return places.map(quoted).join(' ');
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (mark) => `\\${mark}`)}'`;
}
