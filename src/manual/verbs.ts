import type { EventEmitter } from 'node:events';
import type { Command } from 'commander';
import { helpText } from './help-text.ts';
import { escaped, prose, request, tagged, typed } from './roff.ts';

/** All verbs under the headings of the help, in its order, as roff. */
export function verbPages(program: Command): string[] {
  const helper = program.createHelp();
  const lines: string[] = [];
  let heading = '';
  for (const verb of helper.visibleCommands(program)) {
    if (verb.name() === 'help') continue;
    if (verb.helpGroup() !== heading) {
      heading = verb.helpGroup();
      lines.push(request('SS', heading.replace(/:$/, '')));
    }
    lines.push(...verbPage(verb, program.name()));
  }
  return lines;
}

function verbPage(verb: Command, path: string): string[] {
  const helper = verb.createHelp();
  const name = `${path} ${verb.name()}`;
  const own = verb.options.filter((option) => !option.hidden);
  const inner = helper.visibleCommands(verb).filter((command) => command.name() !== 'help');
  const usage = verb
    .usage()
    .replace('[options]', own.length > 0 ? '[option...]' : '')
    .replace('[command]', inner.length > 0 ? '<verb>' : '')
    .trim();
  return [
    '.TP',
    `${typed(name)} ${typed(usage)}`.trim(),
    ...prose(sentence(verb.description())),
    '.RS',
    ...helper
      .visibleArguments(verb)
      .flatMap((argument) =>
        tagged(`\\fI${escaped(argument.name())}\\fR`, helper.argumentDescription(argument)),
      ),
    ...own.flatMap((option) => tagged(typed(option.flags), helper.optionDescription(option))),
    ...helpText(textBehind(verb)),
    '.RE',
    ...inner.flatMap((command) => verbPage(command, name)),
  ];
}

/** What addHelpText put behind the help: commander keeps it in listeners of this event alone. */
function textBehind(verb: Command): string {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  (verb as unknown as EventEmitter).emit('afterHelp', { error: false, command: verb, write });
  return text;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
