import { expect, it } from 'vitest';
import { describeAudit } from '../../src/cli/audit-report.ts';

/** What was found of files that this user may or may not read. */
const report = (...remarks: readonly string[]) => {
  const pbx = {
    ...{ folder: '/etc/asterisk', kind: 'plain' as const },
    ...{ remarks: () => remarks, silence: () => undefined },
  };
  return describeAudit({ pbx, outcomes: [], skipped: [], difference: undefined }, false);
};

it('tells what root would read', () => {
  expect(report("sip.conf can't be read (EACCES)")).toMatch(
    /^Not read, for want of rights: try sudo\n {2}sip\.conf can't be read \(EACCES\)\n\n/,
  );
  expect(report("sip.conf can't be read (ELOOP)")).toMatch(/^Not read\n {2}sip\.conf/);
  expect(report()).not.toContain('Not read');
});
