import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShell } from '../support/cli.ts';

const shell = openShell();
const folder = mkdtempSync(join(tmpdir(), 'ipcountry-completion-'));
const scripts: Record<string, string> = {};

beforeAll(async () => {
  for (const name of ['bash', 'zsh', 'fish']) {
    const { code, out } = await shell('completion', name);
    expect(code).toBe(0);
    scripts[name] = join(folder, name);
    writeFileSync(scripts[name], out);
  }
});
afterAll(() => {
  shell.remove();
  rmSync(folder, { recursive: true });
});

const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

/** What bash offers for a command line whose last word is being typed. */
function offered(...words: string[]): string[] {
  const program = `source "$1"; shift
    COMP_WORDS=(ipcountry "$@"); COMP_CWORD=$#
    compopt() { :; } # there is no completion going on for it to change
    _ipcountry; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-uc', program, 'bash', scripts['bash']!, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return out.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('offers verbs', () => {
    expect(offered('')).toContain('permit');
    expect(offered('')).toContain('completion');
    expect(offered('ca')).toEqual(['call', 'calls']);
    expect(offered('help', 'dia')).toEqual(['dialplan']);
    expect(offered('country', '')).toEqual(['update', 'status', 'list', 'networks', 'help']);
    expect(offered('--json', 'country', 'up')).toEqual(['update']);
    expect(offered('--config', 'x.toml', 'ins')).toEqual(['inspect']);
  });

  it.each(['permit', 'deny', 'trust'])('offers country codes after %s', (verb) => {
    expect(offered(verb, 'U')).toEqual(['UA', 'UG', 'UM', 'US', 'UY', 'UZ']);
    expect(offered(verb, '--note', 'x', 'US', 'GB', 'N')).toContain('NZ');
    expect(offered(verb, '--note', 'U')).toEqual([]);
  });

  it('offers lists, then what is in them', () => {
    expect(offered('list', '')).toEqual(['trust', 'deny', 'permit']);
    expect(offered('reset', 'p')).toEqual(['permit']);
    expect(offered('remove', 'd')).toEqual(['deny']);
    expect(offered('remove', 'deny', 'G')).toContain('GB');
  });

  it('offers options, and what they take', () => {
    expect(offered('permit', '--')).toEqual([
      '--for',
      '--note',
      '--force',
      '--peers',
      '--freepbx',
      '--dry-run',
      '--yes',
      '--config',
      '--json',
      '--help',
    ]);
    expect(offered('country', 'update', '--f')).toEqual(['--from', '--force']);
    expect(offered('import', '--list', '')).toEqual(['trust', 'deny', 'permit']);
    expect(offered('calls', '--country', 'Z')).toEqual(['ZA', 'ZM', 'ZW']);
    expect(offered('calls', '--reason', 'not')).toEqual(['not-permitted']);
    expect(offered('country', 'networks', 'NZ', '--format', '')).toEqual(['cidr', 'range']);
  });

  it('offers checks of the audit, and groups of them', () => {
    expect(offered('audit', '--skip', 'AMI-11')).toEqual(['AMI-110']);
    expect(offered('audit', '--only', 'HTT')).toContain('HTTP');
  });

  it('offers kinds, modes and shells', () => {
    expect(offered('dialplan', 'install', '')).toEqual(['freepbx', 'plain']);
    expect(offered('mode', 'm')).toEqual(['monitor']);
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers files, also with blanks in their names', () => {
    mkdirSync(join(folder, 'my lists'));
    writeFileSync(join(folder, 'my file.json'), '');
    expect(offered('import', 'my').sort()).toEqual(['my file.json', 'my lists']);
    expect(offered('--config', 'my f')).toEqual(['my file.json']);
    expect(offered('country', 'update', '--from', 'my f')).toEqual(['my file.json']);
  });

  it('offers nothing where nothing fits', () => {
    expect(offered('status', 'x')).toEqual([]);
    expect(offered('nosuchverb', '')).toEqual([]);
    expect(offered('check', '')).toEqual([]);
  });
});

describe('completion in other shells', () => {
  it.skipIf(!isThere('zsh'))('is sound zsh, and completes there', () => {
    execFileSync('zsh', ['-n', scripts['zsh']!]);
    // compadd tells what the completion system would be given.
    const program = `
      autoload -Uz compinit; compinit -D -u
      source "$1"; shift
      _describe() { print -rl -- "\${(@P)\${@[-1]}}"; }
      words=(ipcountry "$@"); CURRENT=$#words
      _ipcountry`;
    const offeredIn = (...argv: string[]) =>
      execFileSync('zsh', ['-fc', program, 'zsh', scripts['zsh']!, ...argv], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
    expect(offeredIn('')).toContainEqual(expect.stringMatching(/^permit:let callers in/));
    expect(offeredIn('remove', 'deny', '')).toContain('GB:United Kingdom');
    expect(offeredIn('permit', '-')).toContainEqual(expect.stringMatching(/^--for:.*30m/));
  });

  it.skipIf(!isThere('fish'))('is sound fish, and completes there', () => {
    execFileSync('fish', ['--no-execute', scripts['fish']!]);
    const offeredIn = (line: string) =>
      execFileSync(
        'fish',
        ['-N', '-c', 'source $argv[1]; complete -C $argv[2]', scripts['fish']!, line],
        {
          encoding: 'utf8',
          env: { ...process.env, HOME: folder },
        },
      )
        .trimEnd()
        .split('\n');
    expect(offeredIn('ipcountry ca')).toEqual([
      expect.stringMatching(/^call\ttry a call/),
      expect.stringMatching(/^calls\tshow the calls/),
    ]);
    expect(offeredIn('ipcountry remove deny G')).toContain('GB\tUnited Kingdom');
    expect(offeredIn('ipcountry calls --reason not')).toEqual(['not-permitted']);
    expect(offeredIn('ipcountry permit --fo')).toContainEqual(expect.stringMatching(/^--for\t/));
  });
});

describe('completion', () => {
  it('says for which shells there is one', async () => {
    const { code, err } = await shell('completion', 'tcsh');
    expect([code, err]).toEqual([
      2,
      "ipcountry: there is no completion for 'tcsh': there is one for bash, zsh, fish\n",
    ]);
    expect((await shell('completion', 'toString')).code).toBe(2);
  });

  it('tells in its help how to install it', async () => {
    const { out } = await shell('completion', '--help');
    expect(out).toContain('> /etc/bash_completion.d/ipcountry');
  });
});
