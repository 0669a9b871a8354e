export { countryProblems, mailProblems } from './checks.ts';
export { guardProblems, isGuardEnabled } from './guard.ts';
export { PROBLEM_CODES, type Problem, type ProblemCode, problem } from './problem.ts';
