import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Check, unknown } from '../../src/audit/check.ts';
import type { Pbx } from '../../src/audit/pbx.ts';
import { runChecks } from '../../src/audit/run.ts';
import { auditFiles } from '../support/audit.ts';

let folder: string;
let pbx: Pbx;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-audit-'));
  pbx = auditFiles(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(id: string, run: Check['run']): Check {
  return { id, severity: 'low', title: id, why: 'x', mend: 'x', run };
}

/** One that would find something in a [section], and says well where there is none. */
const reader = check('READ-100', (pbx) =>
  pbx.conf('a.conf').sections.map(({ name }) => ({ where: name, found: 'x' })),
);

async function ran(...checks: readonly Check[]) {
  const outcomes = await runChecks(checks, pbx);
  return outcomes.map(({ check, findings, unknown }) => ({ id: check.id, findings, unknown }));
}

describe('checks', () => {
  it('run all of them, whatever one throws', async () => {
    const found = [{ where: 'x', found: 'y' }];
    const outcomes = await ran(
      check('A-100', () => {
        throw new Error('no such thing');
      }),
      check('A-110', async () => Promise.reject('a word')),
      check('A-120', () => unknown('Asterisk is not running')),
      check('A-130', () => found),
      check('A-140', async () => []),
    );
    expect(outcomes).toEqual([
      { id: 'A-100', findings: [], unknown: 'no such thing' },
      { id: 'A-110', findings: [], unknown: 'a word' },
      { id: 'A-120', findings: [], unknown: 'Asterisk is not running' },
      { id: 'A-130', findings: found, unknown: undefined },
      { id: 'A-140', findings: [], unknown: undefined },
    ]);
  });

  it('find all well where a file is not there', async () => {
    expect(await ran(reader)).toEqual([{ id: 'READ-100', findings: [], unknown: undefined }]);
  });

  it('know nothing of a file that may not be read, and others are not troubled', async () => {
    symlinkSync('a.conf', join(folder, 'a.conf')); // as little to be read as one of mode 000
    const other = check('READ-110', (pbx) => (pbx.conf('b.conf').found ? [] : []));
    expect(await ran(reader, other)).toEqual([
      { id: 'READ-100', findings: [], unknown: "a.conf can't be read" },
      { id: 'READ-110', findings: [], unknown: undefined },
    ]);
  });

  it('know what they found, and not all, where only an included file may not be read', async () => {
    symlinkSync('more.conf', join(folder, 'more.conf'));
    writeFileSync(join(folder, 'a.conf'), '[here]\n#tryinclude more.conf\n');
    expect(await ran(reader)).toEqual([
      {
        id: 'READ-100',
        findings: [{ where: 'here', found: 'x' }],
        unknown: "more.conf can't be read",
      },
    ]);
  });
});
