import { expect, it } from 'vitest';
import { openLaptop } from '../../../support/opened-book.ts';

it('locations are added to a client with thousands of them as fast as to one with few', async () => {
  const laptop = await openLaptop();
  const { value: clientId } = await laptop.book.run('clients.create', null, (tx) => tx.create('clients', { name: 'North' }).id);
  const add = async (count: number) => {
    const begun = process.cpuUsage().user;
    await laptop.book.run('locations.create', null, (tx) => {
      for (let at = 0; at < count; at += 1) tx.create('locations', { clientId, name: `Shop ${at}` });
    });
    return process.cpuUsage().user - begun;
  };
  /** Processor time without what the collector of garbage takes now and then. */
  const best = async () => Math.min(await add(300), await add(300), await add(300));
  const few = await best();
  await add(6000);
  expect(await best()).toBeLessThan(few * 4);
  const primaries = laptop.book.children('locations', clientId).filter(({ isPrimary }) => isPrimary);
  expect(primaries.map(({ name }) => name)).toEqual(['Shop 0']);
});
