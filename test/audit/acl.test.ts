import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFamilies } from '../../src/audit/acl.ts';
import { auditFiles } from '../support/audit.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-acl-'));
  writeFileSync(
    join(folder, 'acl.conf'),
    `[office]\ndeny=0.0.0.0/0\ndeny=::/0\npermit=203.0.113.0/24\n
[noipv4]\ndeny=0.0.0.0/0.0.0.0\n
[template](!)\ndeny=::/0\n`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

function families(...lines: readonly string[]) {
  writeFileSync(join(folder, 'manager.conf'), `[user]\n${lines.join('\n')}\n`);
  const pbx = auditFiles(folder);
  return openFamilies(pbx, pbx.conf('manager.conf').sections[0]!);
}

describe('anybody may come from', () => {
  it.each<[string, string[], number[]]>([
    ['both families without a rule', [], [4, 6]],
    ['both with a permit alone, as what fits no rule is let in', ['permit=203.0.113.7'], [4, 6]],
    ['IPv6 where only IPv4 is denied', ['deny=0.0.0.0/0.0.0.0', 'permit=127.0.0.1'], [6]],
    ['IPv4 where only IPv6 is denied', ['deny=::/0'], [4]],
    ['none where both are denied', ['deny=0.0.0.0/0,::/0', 'permit=10.0.0.0/8,fd00::/8'], []],
    ['IPv4 where it is permitted behind the deny', ['deny=0.0.0.0/0', 'permit=0.0.0.0/0'], [4, 6]],
    ['none where the deny comes last', ['permit=0.0.0.0/0', 'deny=0.0.0.0/0', 'deny=::/0'], []],
    ['none with the deny written as a permit', ['permit=!0.0.0.0/0,!::/0'], []],
    [
      'both where a few are denied',
      ['deny=8.8.8.8', 'deny=192.0.2.0/24', 'deny=2001::/16'],
      [4, 6],
    ],
    ['both where a deny is no address', ['deny=all', 'deny=0.0.0.0/99'], [4, 6]],
    ['both in whatever case', ['DENY=0.0.0.0/0', 'Deny=::/0'], []],
    ['none with a named list', ['acl=office'], []],
    ['none with several named lists', ['acl = noipv4, Office'], []],
    ['IPv6 with a named list for IPv4', ['acl=noipv4'], [6]],
    ['none with a named list that is not there', ['acl=nothing'], []],
    ['none with one that is a template', ['acl=template'], []],
    ['none with named list and rules', ['acl=noipv4', 'deny=::/0'], []],
  ])('%s', (_, lines, expected) => {
    expect(families(...lines)).toEqual(expected);
  });
});
