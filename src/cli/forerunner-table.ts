import { countryName } from '../country/index.ts';
import {
  ENOUGH_COVERED,
  ENOUGH_RANGES,
  type Folding,
  type Group,
  type Tables,
} from '../forerunner/index.ts';
import { counted, paint, shown, table } from './terminal.ts';

/** What was found in IP Country's tables and what it becomes, for people. */
export function showForerunner(tables: Tables, folding: Folding): string {
  const { database, permit, deny, geolite } = tables;
  const sizes = [
    `${counted(permit.length, 'row')} in permit`,
    `${deny.length} in deny`,
    geolite ? `${geolite.length} in geolite` : 'no geolite',
  ];
  const groups = folding.groups.map((group) => [
    group.list,
    codeOf(group),
    String(group.rows),
    becomes(group),
    because(group, geolite !== undefined),
  ]);
  return [
    `database '${shown(database)}': ${sizes.join(', ')}`,
    ...(groups.length > 0 ? [table(['LIST', 'CODE', 'ROWS', 'BECOMES', 'BECAUSE'], groups)] : []),
    ...folding.unsound.map(({ list, what, count, examples }) =>
      paint('yellow', `${list}: ${counted(count, 'row')} ${what}: ${examples.join(', ')}`),
    ),
  ].join('\n');
}

function codeOf({ code, list }: Group): string {
  const name = countryName(code);
  const text = name === code ? shown(code) : `${code} ${name}`;
  return list === 'deny' ? paint('red', text) : text;
}

function becomes({ country, ranges }: Group): string {
  const parts = country ? ['country rule'] : [];
  if (ranges > 0) parts.push(counted(ranges, 'range'));
  return parts.join(', ');
}

function because({ code, country, covered }: Group, compared: boolean): string {
  if (code === 'AA') return 'made by hand';
  if (countryName(code) === code) return 'no country';
  if (covered === undefined && compared) return 'not in geolite';
  if (covered === undefined) {
    return `${country ? 'at least' : 'fewer than'} ${ENOUGH_RANGES} ranges, and no geolite to compare with`;
  }
  const part = `${percent(covered)} of its addresses in geolite`;
  return country ? part : `only ${part}: a country rule takes ${percent(ENOUGH_COVERED)}`;
}

/** Rounded down: 100 % is all of it. */
function percent(part: number): string {
  return `${Math.floor(part * 1_000) / 10} %`;
}
