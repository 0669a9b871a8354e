import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenJsonLine } from '../../src/exchange/json-line.ts';

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the line where JSON breaks off', () => {
  it.each([
    ['', 1],
    ['\n\n', 3],
    ['{"a": x}', 1],
    ['{\n"a": 1,\n}', 3],
    ['{\n"a": 1\n"b": 2}', 3],
    ['[\n1,\n2', 3],
    ['[1]\n]', 2],
    ['{"a":\n"b\nc"}', 2],
    ['{"a": 01}', 1],
    ["{\n'a': 1}", 2],
    ['{"a": 1}\n\n// why', 3],
    ['{\n"a" 1}', 2],
    ['[1}', 1],
    ['192.0.2.1 # home', 1],
  ])('%j: %i', (text, line) => {
    expect(isJson(text)).toBe(false);
    expect(brokenJsonLine(text)).toBe(line);
  });

  it('is none where JSON.parse finds nothing wrong, and one where it does', () => {
    const mutated = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', '"', ':', '\\', '0', '-', 'e', '\n', 'x'),
        fc.nat(2),
      )
      .map(([text, at, mark, cut]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + mark + text.slice(place + cut);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), mutated), (text) => {
        expect(brokenJsonLine(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
