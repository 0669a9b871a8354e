import { expect, it } from 'vitest';
import { evaluate, truth } from '../../../src/audit/reach/expression.ts';
import { TAME, UNKNOWN, WILD } from '../../../src/audit/reach/text.ts';

it.each([
  ['"yes" = "yes"', '1'],
  ['"yes" != "yes"', '0'],
  ['yes = "yes"', '1'],
  ['"01" = "1"', '1'],
  ['"" = "0"', '0'],
  ['"a b" = "a b"', '1'],
  ['3 > 2', '1'],
  ['2 >= 3', '0'],
  ['2 <= 3', '1'],
  ['10 < 9', '0'],
  ['"1" = "1" & "2" = "3"', '0'],
  ['"1" = "2" | "2" = "2"', '1'],
  ['("1" = "2") | ("2" = "2")', '1'],
  ['(("1" = "1") & ("2" = "2"))', '1'],
  ['("1" = "1") & ("2" = "3")', '0'],
  ['1 & 0', '0'],
  ['1 & 1', '1'],
  ['"a|b" = "a|b"', '1'],
  [' 5 ', '5'],
  ['0', '0'],
  // One that is sure decides it.
  [`"${UNKNOWN}" = "x" | "1" = "1"`, '1'],
  [`"${UNKNOWN}" = "x" & "1" = "2"`, '0'],
  [`"${UNKNOWN}" = "x" & "1" = "1"`, UNKNOWN],
  [`"${UNKNOWN}" = "x" | "1" = "2"`, UNKNOWN],
  // Whatever a mark stands for, what is around it is there.
  [`"x${UNKNOWN}" = ""`, '0'],
  [`"" != "x${UNKNOWN}"`, '1'],
  [`"${UNKNOWN}" = ""`, UNKNOWN],
  [`"x${UNKNOWN}" = "xy"`, UNKNOWN],
  // Calculations are left to Asterisk; whose they are is known.
  ['1 + 1', UNKNOWN],
  [`${TAME} + 1`, TAME],
  [`${WILD}`, WILD],
  ['a < b', UNKNOWN],
])('%j is %j', (text, value) => expect(evaluate(text)).toBe(value));

it.each([
  ['', false],
  ['0', false],
  ['1', true],
  ['-1', true],
  ['yes', true],
  ['0x', false],
  [UNKNOWN, undefined],
])('the condition %j holds: %j', (text, value) => expect(truth(text)).toBe(value));
