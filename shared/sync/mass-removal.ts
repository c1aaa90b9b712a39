/**
 * So many records never leave at once without a person: more than `most`, or more than one in `part` of those of a collection that are
 * there. Up to `alwaysFine` are always fine. The server holds the deletions of a laptop to it, and a laptop what its server has no more.
 */
export const massRemoval = { most: 50, alwaysFine: 5, part: 10 } as const;
