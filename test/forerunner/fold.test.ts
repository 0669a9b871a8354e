import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ipv4, parseRange } from '../../src/address/index.ts';
import { ENOUGH_RANGES, fold, type Tables } from '../../src/forerunner/index.ts';
import { formatSubject } from '../../src/policy/index.ts';

type Range = readonly [text: string, code: string | null];

/** `['192.0.2.0/24', 'AA']` as a row. */
function rows(...ranges: readonly Range[]) {
  return ranges.map(([text, code]) => {
    const { first, last } = parseRange(text)!;
    return { first: (first as Ipv4).value, last: (last as Ipv4).value, code };
  });
}

function folded(tables: Partial<Tables>) {
  const { rules, groups } = fold({
    ...{ database: 'x', permit: [], deny: [], geolite: undefined },
    ...tables,
  });
  return {
    rules: rules.map(({ list, subject, note }) => [list, formatSubject(subject), note].join(' ')),
    groups,
  };
}

/** Twenty networks of a country, the third octet counting. */
const many = (code: string, count = ENOUGH_RANGES): Range[] =>
  Array.from({ length: count }, (_, i) => [`198.51.${2 * i}.0/24`, code]);

describe('IP Country', () => {
  it('had a country added: it is one rule again', () => {
    const geolite = rows(
      ['192.0.2.0/24', 'US'],
      ['203.0.113.0/24', 'US'],
      ['198.51.100.0/24', 'CA'],
    );
    const { rules, groups } = folded({ permit: geolite.slice(0, 2), geolite });
    expect(rules).toEqual(['permit US IP Country: US, 2 ranges']);
    expect(groups).toEqual([
      { list: 'permit', code: 'US', rows: 2, country: true, ranges: 0, covered: 1 },
    ]);
  });

  it('had rows made by hand: they are ranges, joined where they touch', () => {
    const permit = rows(
      ...([
        ['192.0.2.0-192.0.2.99', 'AA'],
        ['192.0.2.100-192.0.2.255', 'AA'],
        ['203.0.113.7', 'AA'],
        ['203.0.113.7', 'AA'],
      ] as const),
    );
    expect(folded({ permit, deny: rows(['203.0.113.9', 'AA']) }).rules).toEqual([
      'permit 192.0.2.0/24 IP Country: by hand',
      'permit 203.0.113.7 IP Country: by hand',
      'deny 203.0.113.9 IP Country: by hand',
    ]);
  });

  it('began permit with the private ranges: they stay as they are', () => {
    const ranges: Range[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((r) => [r, 'AA']);
    const permit = rows(...ranges, ['11.0.0.0/8', 'AA']); // touches 10.0.0.0/8
    expect(folded({ permit }).rules.map((rule) => rule.split(' ')[1])).toEqual([
      ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '11.0.0.0/8'],
    ]);
  });

  it('had nearly all of a country, since geolite was refreshed: the country, and what geolite lost', () => {
    const geolite = rows(['192.0.0.0/16', 'US']);
    const permit = rows(['192.0.0.0-192.0.249.255', 'US'], ['203.0.113.0/24', 'US']);
    const { rules, groups } = folded({ permit, geolite });
    expect(rules).toEqual([
      'permit US IP Country: US, 2 ranges',
      'permit 203.0.113.0/24 IP Country: US',
    ]);
    expect(groups[0]).toMatchObject({ country: true, ranges: 1, covered: 250 / 256 });
  });

  it('had less of a country: ranges, and no address more', () => {
    const geolite = rows(['192.0.0.0/16', 'US']);
    const permit = rows(['192.0.0.0-192.0.242.255', 'US']); // 94.9 %
    const { rules, groups } = folded({ permit, geolite });
    expect(rules).toEqual(['permit 192.0.0.0-192.0.242.255 IP Country: US']);
    expect(groups[0]).toMatchObject({ country: false, covered: 243 / 256 });
  });

  it('had a country that geolite does not know: ranges', () => {
    const { rules } = folded({
      permit: rows(...many('US')),
      geolite: rows(['192.0.2.0/24', 'CA']),
    });
    expect(rules).toHaveLength(ENOUGH_RANGES);
  });

  it('has no geolite any more: many ranges were a country, few may be anything', () => {
    expect(folded({ permit: rows(...many('US')) }).rules).toEqual([
      `permit US IP Country: US, ${ENOUGH_RANGES} ranges`,
    ]);
    const { rules, groups } = folded({ permit: rows(...many('US', ENOUGH_RANGES - 1)) });
    expect(rules).toHaveLength(ENOUGH_RANGES - 1);
    expect(groups[0]).toMatchObject({ country: false, covered: undefined });
  });

  it("had codes that are no country's: ranges, however many", () => {
    const geolite = rows(...many('EU'));
    const { rules } = folded({ permit: [...geolite, ...rows(['203.0.113.0/24', null])], geolite });
    expect(rules).toHaveLength(ENOUGH_RANGES + 1);
    expect(rules.at(-1)).toBe('permit 203.0.113.0/24 IP Country: without a code');
  });

  it('tells unsound rows with their list', () => {
    const bad = { first: 9, last: 1, code: 'AA' };
    const { unsound, rules } = fold({
      ...{ database: 'x', permit: [bad], deny: [bad, bad], geolite: [bad] },
    });
    expect(rules).toEqual([]);
    expect(unsound.map(({ list, count }) => [list, count])).toEqual([
      ['permit', 1],
      ['deny', 2],
    ]);
  });
});

describe('an address is on a list after the import', () => {
  const MOST = 200;
  const span = fc
    .tuple(fc.integer({ min: -2, max: MOST }), fc.integer({ min: -2, max: MOST }))
    .map(([first, last]) => ({ first, last }));
  const codes = ['AA', 'US', 'CA', 'EU', '', null, 'us'];
  const table = (most: number) =>
    fc.array(
      fc
        .tuple(span, fc.constantFrom(...codes))
        .map(([{ first, last }, code]) => ({ first, last, code })),
      { maxLength: most },
    );
  /** Addresses 0–255 of countries, each range of one country. */
  const world = fc
    .array(fc.constantFrom('US', 'CA', 'EU'), { minLength: 10, maxLength: 10 })
    .map((of) => of.map((code, i) => ({ first: i * 20, last: i * 20 + 19, code })));

  const holds = (rows: Tables['permit'], address: number) =>
    rows.some(
      ({ first, last }) =>
        Number(first) >= 0 && Number(first) <= address && address <= Number(last),
    );

  it('if and only if it was before, or belongs to a country that became a rule', () => {
    fc.assert(
      fc.property(table(8), table(8), world, fc.boolean(), (byHand, deny, geolite, whole) => {
        // What nv-ipcountry did: all of a country, beside what was there.
        const permit = whole ? [...byHand, ...geolite.filter(({ code }) => code === 'US')] : byHand;
        const { rules, groups } = fold({ database: 'x', permit, deny, geolite });
        for (const [list, rows] of [
          ['permit', permit],
          ['deny', deny],
        ] as const) {
          const countries = new Set(
            groups.flatMap(({ list: of, code, country }) => (of === list && country ? [code] : [])),
          );
          if (whole && list === 'permit' && geolite.some(({ code }) => code === 'US')) {
            expect(countries).toContain('US');
          }
          for (let address = 0; address <= MOST; address++) {
            const after = rules.some(({ list: of, subject }) => {
              if (of !== list) return false;
              if (subject.kind !== 'range') return false;
              const { first, last } = subject.range as { first: Ipv4; last: Ipv4 };
              return first.value <= address && address <= last.value;
            });
            const home = geolite.find(({ first, last }) => first <= address && address <= last);
            const folded = home !== undefined && countries.has(home.code);
            expect(after || folded, `${list} ${address}`).toBe(holds(rows, address) || folded);
          }
        }
      }),
    );
  });
});
