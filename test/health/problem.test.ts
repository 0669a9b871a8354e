import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES, type Problem, type ProblemCode, problem } from '../../src/health/index.ts';

const render = (code: ProblemCode, ...args: unknown[]) =>
  (problem as (code: ProblemCode, ...args: unknown[]) => Problem)(code, ...args);

describe.each(PROBLEM_CODES)('%s', (code) => {
  it('says what is wrong, and what to do about it', () => {
    const { what, remedy } = render(code, 'VALUE1', 'VALUE2');
    for (const text of [what, remedy]) {
      expect(text.length).toBeGreaterThan(5);
      expect(text).not.toMatch(/undefined|null|NaN|\[object|\$\{/);
      expect(text).toBe(text.trim());
      expect(text).not.toMatch(/[.!]$/);
    }
  });

  it('stays on its line, whatever it quotes', () => {
    const hostile = 'a\r\nb\u0000\u001b[31m\u202e\u2028c';
    const { what, remedy } = render(code, hostile, hostile);
    expect(what + remedy).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});
