import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../src/audit/check.ts';
import { differenceTo, type Run, runAfter } from '../../src/audit/difference.ts';
import { keepRun, lastRun } from '../../src/audit/last-run.ts';
import type { Outcome } from '../../src/audit/run.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';

function outcome(id: string, places: readonly string[], unknown?: string): Outcome {
  const check: Check = { id, severity: 'low', title: '', why: '', mend: '', run: () => [] };
  return { check, findings: places.map((where) => ({ where, found: 'x' })), unknown };
}

const before: Run = {
  at: 1_000,
  found: {
    'SIP-110': ['sip.conf:12 [1001]', 'sip.conf:20 [1002]', 'sip.conf:20 [1002]'],
    'NET-100': ['UDP port 5060', 'UDP port 5160'],
    'AST-100': [],
  },
};

function compared(...outcomes: readonly Outcome[]) {
  const { since, fresh, gone } = differenceTo(before, outcomes);
  return {
    since,
    fresh: [...fresh].map(({ where }) => where),
    gone: gone.map(({ id, where }) => `${id} ${where}`),
  };
}

describe('the difference to the last run', () => {
  it('is what is new and what is mended, check by check', () => {
    const now = [
      outcome('SIP-110', ['sip.conf:12 [1001]', 'sip.conf:20 [1002]', 'sip.conf:40 [1003]']),
      outcome('NET-100', ['UDP port 5160']),
      outcome('AST-100', ['asterisk.conf']),
    ];
    expect(compared(...now)).toEqual({
      since: 1_000,
      fresh: ['sip.conf:40 [1003]', 'asterisk.conf'],
      gone: ['SIP-110 sip.conf:20 [1002]', 'NET-100 UDP port 5060'],
    });
  });

  it('is not that a line moved within its file', () => {
    const { fresh, gone } = compared(
      outcome('SIP-110', ['sip.conf:13 [1001]', 'sip.conf:21 [1002]', 'sip.conf:21 [1002]']),
    );
    expect([fresh, gone]).toEqual([[], []]);
    expect(compared(outcome('SIP-110', ['pjsip.conf:12 [1001]'])).gone).toHaveLength(3);
    expect(compared(outcome('NET-100', ['UDP port 5061', 'UDP port 5160'])).fresh).toHaveLength(1);
  });

  it('leaves out what was not run, and tells nothing as mended that is not known', () => {
    expect(compared(outcome('AST-100', []))).toMatchObject({ fresh: [], gone: [] });
    expect(compared(outcome('NET-100', [], 'no idea'))).toMatchObject({ fresh: [], gone: [] });
    expect(compared(outcome('NET-100', ['TCP port 5060'], 'not all'))).toMatchObject({
      fresh: ['TCP port 5060'],
      gone: [],
    });
  });

  it('takes the findings of a check that is new for new', () => {
    expect(compared(outcome('MOD-100', ['modules.conf:1'])).fresh).toEqual(['modules.conf:1']);
  });
});

describe('a run that is kept', () => {
  let test: TestDatabase;
  beforeEach(() => {
    test = newDatabase();
  });
  afterEach(() => test.remove());

  it('keeps of other checks what was known before', () => {
    const after = runAfter(
      before,
      [outcome('SIP-110', ['x']), outcome('NET-100', ['y'], 'not all')],
      2_000,
    );
    expect(after).toEqual({ at: 2_000, found: { ...before.found, 'SIP-110': ['x'] } });
  });

  it('is read as it was written, for each folder', () => {
    expect(lastRun(test.database, '/etc/asterisk')).toBeUndefined();
    keepRun(test.database, '/etc/asterisk', before);
    const other = { at: 5, found: {} };
    keepRun(test.database, '/srv/pbx', other);
    expect(lastRun(test.another(), '/etc/asterisk')).toEqual(before);
    expect(lastRun(test.another(), '/srv/pbx')).toEqual(other);
    expect(lastRun(test.another(), '/toString')).toBeUndefined();
  });

  it.each(['', 'no JSON', '[]', '{"/etc/asterisk":{"at":"x","found":{}}}', 'null'])(
    'is none where %j stands in its place, and is written anew',
    (text) => {
      test.database.prepare("INSERT INTO setting VALUES ('audit', ?)").run(text);
      expect(lastRun(test.database, '/etc/asterisk')).toBeUndefined();
      keepRun(test.database, '/etc/asterisk', before);
      expect(lastRun(test.database, '/etc/asterisk')).toEqual(before);
    },
  );
});
