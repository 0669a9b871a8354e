export { countryProblems, mailProblems } from './checks.ts';
export { PROBLEM_CODES, type Problem, type ProblemCode, problem } from './problem.ts';
