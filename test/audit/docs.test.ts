import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECKS } from '../../src/audit/all.ts';
import type { Check } from '../../src/audit/check.ts';

/** Made anew by `npx vitest run test/audit/docs.test.ts -u`. */
const PAGE = '../../docs/audit-checks.md';

test('docs/audit-checks.md is in step with the checks', async () => {
  const checks = [...CHECKS].sort(byId);
  const text = [
    '# Checks of the audit',
    'What each check of [`ipcountry audit`](audit.md) is about. Made from the program itself.',
    `| check | severity | finds |\n|---|---|---|\n${checks.map(row).join('\n')}`,
    ...checks.map(section),
  ].join('\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot(PAGE);
});

test('the manual knows every group of checks', () => {
  const text = readFileSync('docs/audit.md', 'utf8');
  for (const group of new Set(CHECKS.map(({ id }) => id.replace(/-.*/, '')))) {
    expect(text).toContain(`\`${group}\``);
  }
});

function byId(a: Check, b: Check): number {
  return a.id < b.id ? -1 : 1;
}

function row({ id, severity, title }: Check): string {
  return `| [${id}](#${id.toLowerCase()}) | ${severity} | ${plain(title)} |`;
}

function section({ id, severity, title, why, mend }: Check): string {
  return `## ${id}\n\n**${plain(title)}** (${severity})\n\n${plain(why)}\n\n*Mend:* ${plain(mend)}`;
}

/** Nothing in the text is Markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>|[\]#]/g, '\\$&');
}
