// npm start: install if needed, build, and bring up the example lab. Arguments go to `etherloom up`.
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
const given = process.argv.slice(2);
const file = given.some((word) => !word.startsWith('-') && /\.(ya?ml|json)$/.test(word))
  ? []
  : ['examples/three-hosts.yaml'];
process.chdir(root);
process.argv = [process.argv[0], `${root}packages/cli/bin/etherloom.js`, 'up', ...file, ...given];
await import('../packages/cli/bin/etherloom.js');
