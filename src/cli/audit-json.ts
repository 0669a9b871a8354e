import { type Report, severityOf } from './audit-report.ts';

/** What an audit found out, as --json prints it: texts as they stand in the files. */
export function auditJson({ pbx, outcomes, skipped, difference }: Report) {
  const checks = outcomes.map(({ check, findings, unknown }) => ({
    ...{ id: check.id, severity: check.severity, title: check.title },
    ...{ why: check.why, mend: check.mend },
    unknown: unknown ?? null,
    findings: findings.map((finding) => ({
      severity: severityOf(finding, check),
      where: finding.where,
      found: finding.found,
      new: difference?.fresh.has(finding) ?? null,
    })),
  }));
  const all = checks.flatMap(({ findings }) => findings);
  const count = (wanted: string) => all.filter(({ severity }) => severity === wanted).length;
  return {
    ok: all.length === 0,
    folder: pbx.folder,
    kind: pbx.kind,
    findings: { high: count('high'), medium: count('medium'), low: count('low') },
    checks,
    skipped: skipped.map(({ id }) => id),
    remarks: pbx.remarks(),
    asterisk: pbx.silence() ?? null,
    last: difference
      ? { at: new Date(difference.since).toISOString(), mended: difference.gone }
      : null,
  };
}
