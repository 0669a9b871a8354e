import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { manPage } from '../../src/manual/index.ts';
import { prose, verbatim } from '../../src/manual/roff.ts';
import { build } from '../support/build.ts';

const groff = ['-man', '-Tutf8', '-P-cbou', '-ww'];

function run(program: string, args: readonly string[], input: string) {
  const { stdout, stderr, status } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { stdout, said: stderr, status };
}

describe('the man page', () => {
  let page: string;
  beforeAll(async () => {
    page = manPage(await createProgram(), '2026-11-21');
  });

  it('has nothing that groff warns of', () => {
    const { stdout, said } = run('groff', groff, page);
    expect(said).toBe('');
    expect(stdout).toContain('ipcountry import [option]... [file]');
    expect(stdout).toContain('       ipcountry check 81.2.69.142\n');
  });

  it('has nothing that mandoc warns of', () => {
    expect(run('mandoc', ['-T', 'lint', '-W', 'warning'], page).stdout).toBe('');
  });

  it('is what scripts/man writes', async () => {
    const { folder, remove } = await build();
    cpSync('scripts/man', join(folder, 'scripts/man'));
    execFileSync(join(folder, 'scripts/man'), {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(Date.UTC(2026, 10, 21) / 1_000) },
    });
    expect(readFileSync(join(folder, 'dist/ipcountry.1'), 'utf8')).toBe(page);
    remove();
  });
});

describe('any text', () => {
  it('comes out of groff as it went in', () => {
    const line = fc
      .string({
        unit: fc.constantFrom(...'aZ09.\'"\\-`~^ <>[](){}$%&*@#!?,;:|/=+_ é…'),
        minLength: 1,
        maxLength: 60,
      })
      .filter((text) => text.trim() !== '' && text === text.trimEnd());
    fc.assert(
      fc.property(fc.array(line, { minLength: 20, maxLength: 40 }), (lines) => {
        const source = ['.TH X 1 x', '.SH A', ...verbatim(lines), '.PP', ...prose('the end')];
        const { stdout, said } = run('groff', groff, `${source.join('\n')}\n`);
        expect(said).toBe('');
        const all = stdout.split('\n');
        const begin = all.indexOf('A') + 1;
        const shown = all.slice(begin, begin + lines.length);
        expect(shown).toEqual(lines.map((text) => `       ${text}`));
      }),
      { numRuns: 20 },
    );
  });
});
