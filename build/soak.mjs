/*
 * The proofs of sync that take long, in their full length: the same tests that `npm test` runs in short. What is set
 * already is kept, so each can be made longer (docs/sync-protocol.md).
 */
const lengths = {
  FIELDBOOK_WRITERS_SECONDS: '60',
  FIELDBOOK_KILLS: '50',
  FIELDBOOK_WORLDS: '40',
  FIELDBOOK_SEEN: '500',
  FIELDBOOK_SUITE_MINUTES: '240',
};
for (const [name, value] of Object.entries(lengths)) process.env[name] ??= value;
const named = process.argv.slice(2);
const tests = named.length > 0 ? named : ['sync-writers', 'sync-kill', 'sync-world', 'sync-seen', 'server/kill'];
process.argv.splice(2, process.argv.length, '--only', 'server', ...tests);
await import('./test.mjs');
