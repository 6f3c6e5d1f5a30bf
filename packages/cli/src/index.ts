/** The `etherloom` command as a function of its words; bin/etherloom.js runs it. */
export { createProgram } from './program.ts';
