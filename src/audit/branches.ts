/**
 * Branches of Asterisk, and the day after which each gets no security fixes any more: the table
 * "Asterisk Versions" of docs.asterisk.org, as of June 2026.
 */
const END_OF_LIFE: Readonly<Record<string, string>> = {
  '1.2': '2010-11-21',
  '1.4': '2012-04-21',
  '1.6': '2012-04-21',
  '1.8': '2015-10-21',
  '10': '2013-12-15',
  '11': '2017-10-25',
  '12': '2015-12-20',
  '13': '2021-10-24',
  '14': '2018-09-26',
  '15': '2019-10-03',
  '16': '2023-10-09',
  '17': '2021-10-28',
  '18': '2025-10-20',
  '19': '2023-11-02',
  '20': '2027-10-19',
  '21': '2026-10-18',
  '22': '2029-10-16',
  '23': '2027-10-15',
};

/**
 * The branch of a version: `22` of `22.10.1+dfsg`, `18` of `certified-18.9-cert4`, `1.8` of `1.8.32`.
 * @returns undefined where it is no version of a release: `GIT-master-5e2f1d3`
 */
export function branchOf(version: string): string | undefined {
  const [, one, two] = /^(?:certified[-/]|GIT-|SVN-branch-)?(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return one === '1' ? `${one}.${two}` : one;
}

/** @returns milliseconds since 1970; undefined where the branch is not known */
export function endOfLife(branch: string): number | undefined {
  const day = Object.hasOwn(END_OF_LIFE, branch) ? END_OF_LIFE[branch] : undefined;
  return day === undefined ? undefined : Date.parse(`${day}T23:59:59Z`);
}
