import { describe, expect, it } from 'vitest';
import { openBook, temporaryFolder, testBrowser } from './storage-fixture.ts';

describe('the database behind the storage host', () => {
  it('has every client after the book was closed and opened again', async () => {
    const folder = await temporaryFolder();
    const browser = testBrowser();
    const first = await openBook(folder, browser);
    await first.until('ready');
    await first.addClient('North Depot');
    await first.addClient('South Depot');
    await first.close();
    const second = await openBook(folder, browser);
    await second.until('ready');
    expect(second.snapshot().records.clients.map((client) => client.name)).toEqual(['North Depot', 'South Depot']);
    expect(second.database.unapplied()).toBe(0);
    expect(second.files.notices).toEqual([]);
  });
});
