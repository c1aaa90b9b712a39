// Stands in for `electron` in tests. The real module, imported in Node, starts a download with no time limit.
throw new Error('A test imported electron. Hand the platform in as a value; a fake of it is in test/support.');

export {};
