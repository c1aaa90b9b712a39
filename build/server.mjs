import { join } from 'node:path';
import { node24, root } from './paths.mjs';
import { runChild } from './run-child.mjs';
import { installDependencies, refuseOldNode, toolEnvironment } from './setup.mjs';

// stdout carries the server's ready line alone. Nothing is built: Node 24 runs the server's TypeScript as it is.
refuseOldNode();
await installDependencies();
const { code } = await runChild(node24, [join(root, 'server', 'main.ts'), ...process.argv.slice(2)], {
  env: toolEnvironment({ INIT_CWD: process.env.INIT_CWD ?? process.cwd() }),
  lastStep: true,
});
process.exit(code);
