import { describe, expect, it } from 'vitest';
import { figure, readExposition } from './exposition.ts';

const FAMILY = '# HELP x_total X.\n# TYPE x_total counter\n';
const HISTOGRAM = '# HELP h H.\n# TYPE h histogram\n';

describe('the check of the exposition format', () => {
  it('reads what is sound', () => {
    const families = readExposition(
      `${FAMILY}x_total{a="1",b="q\\"\\\\\\n"} 2\nx_total 3.5e+7\n\n# HELP y Y.\n# TYPE y gauge\ny -1\n` +
        `${HISTOGRAM}h_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 7\nh_count 2\n`,
    );
    expect(families.get('x_total')?.series[0]?.labels).toEqual({ a: '1', b: 'q"\\\n' });
    expect(figure(families, 'x_total')).toBe(35_000_000);
    expect(figure(families, 'h_bucket', { le: '0.1' })).toBe(1);
    expect(() => figure(families, 'x_total', { a: '1' })).toThrow('no x_total');
  });

  it.each([
    ['no end of line', `${FAMILY}x_total 1`],
    ['no HELP', '# TYPE x_total counter\nx_total 1\n'],
    ['no TYPE', '# HELP x_total X.\nx_total 1\n'],
    ['an unknown TYPE', '# HELP x X.\n# TYPE x thing\n'],
    ['a family twice', FAMILY + FAMILY],
    ['a family within another', `${FAMILY}# HELP y Y.\n# TYPE y gauge\nx_total 1\n`],
    ['a series twice', `${FAMILY}x_total{a="1",b="2"} 1\nx_total{b="2",a="1"} 1\n`],
    ['a raw quote', `${FAMILY}x_total{a="1"2"} 1\n`],
    ['an unknown escape', `${FAMILY}x_total{a="\\t"} 1\n`],
    ['a label without a value', `${FAMILY}x_total{a=} 1\n`],
    ['a name that is none', '# HELP 1x X.\n# TYPE 1x gauge\n'],
    ['no number', `${FAMILY}x_total undefined\n`],
    ['a negative count', `${FAMILY}x_total -1\n`],
    ['a counter without _total', '# HELP x X.\n# TYPE x counter\n'],
    ['a gauge with _total', '# HELP x_total X.\n# TYPE x_total gauge\n'],
    [
      'buckets that fall',
      `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 0\nh_count 1\n`,
    ],
    [
      'bounds that fall',
      `${HISTOGRAM}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_sum 0\nh_count 1\n`,
    ],
    ['no last bucket', `${HISTOGRAM}h_bucket{le="1"} 1\nh_sum 0\nh_count 1\n`],
    ['buckets that do not add up', `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 0\nh_count 2\n`],
    ['no sum', `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_count 1\n`],
  ])('refuses %s', (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });
});
