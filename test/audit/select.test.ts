import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/all.ts';
import type { Check } from '../../src/audit/check.ts';
import { selectChecks } from '../../src/audit/select.ts';
import { fault } from '../../src/errors.ts';

const some = ['SIP-100', 'SIP-110', 'SIP-120', 'SIP-130', 'AMI-100', 'CRYPT-100'].map(
  (id): Check => ({ id, severity: 'low', title: id, why: 'x', mend: 'x', run: () => [] }),
);
const selected = (...words: string[]) => [...selectChecks(words, some)].map(({ id }) => id);

describe('checks are selected', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['SIP-110'], ['SIP-110']],
    [
      ['sip-110', 'Ami'],
      ['SIP-110', 'AMI-100'],
    ],
    [['SIP'], ['SIP-100', 'SIP-110', 'SIP-120', 'SIP-130']],
    [['SIP-100', 'SIP-100'], ['SIP-100']],
  ])('by %j', (words, ids) => {
    expect(selected(...words)).toEqual(ids);
  });

  it.each([
    ['SIP-111', 'did you mean SIP-110 or SIP-100 or SIP-120?'],
    ['SPI', 'did you mean SIP?'],
    ['CRYTP-100', 'did you mean CRYPT-100?'],
    ['sip110', 'did you mean SIP-110 or SIP-100 or SIP-120?'],
    ['guests', 'write an id like SIP-100, or a group: SIP, AMI, CRYPT'],
    ['', 'write an id like SIP-100, or a group: SIP, AMI, CRYPT'],
  ])('by %j they are not, and near ones are named', (word, near) => {
    expect(() => selected('SIP-100', word)).toThrow(fault('audit-check', word, near));
  });
});

it('no two checks have the same id', () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
