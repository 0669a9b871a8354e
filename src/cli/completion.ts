import type { Command } from 'commander';
import {
  bashScript,
  type Choices,
  fishScript,
  placesOf,
  plainWords,
  zshScript,
} from '../completion/index.ts';
import { countryCodes, countryName } from '../country/index.ts';
import { fault } from '../errors.ts';
import { LISTS } from '../policy/index.ts';
import { REASONS } from './reasons.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print what lets a shell complete verbs, options and country codes')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
Examples:
  ipcountry completion bash > /etc/bash_completion.d/ipcountry
  ipcountry completion zsh > /usr/local/share/zsh/site-functions/_ipcountry
  ipcountry completion fish > ~/.config/fish/completions/ipcountry.fish
A new shell then has it; for this one: source <(ipcountry completion bash)`,
    )
    .action(async (shell: string) => {
      const script = Object.hasOwn(SCRIPTS, shell) && SCRIPTS[shell as keyof typeof SCRIPTS];
      if (!script) throw fault('shell-unknown', shell, Object.keys(SCRIPTS).join(', '));
      process.stdout.write(script(placesOf(program, await choices())));
    });
}

/** What may be completed, by the names of arguments and options' values. */
async function choices(): Promise<Choices> {
  const { CHECKS, groupOf } = await import('../audit/index.ts');
  const groups = new Set(CHECKS.map(({ id }) => groupOf(id)));
  const countries = countryCodes().map((code) => ({ word: code, about: countryName(code) }));
  return {
    country: countries,
    subject: countries,
    list: plainWords(LISTS),
    mode: plainWords(['monitor', 'enforce']),
    kind: plainWords(['freepbx', 'plain']),
    shell: plainWords(Object.keys(SCRIPTS)),
    reason: plainWords(REASONS),
    check: [
      ...CHECKS.map(({ id, title }) => ({ word: id, about: title })),
      ...plainWords([...groups]),
    ],
    file: 'files',
    folder: 'files',
  };
}
