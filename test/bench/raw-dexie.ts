import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from '@playwright/test';

/** The peer: plain Dexie writing the same rows into one table each, with the key and one index RxDB has as well. Milliseconds. */
export async function rawDexie(context: BrowserContext, tables: Record<string, object[]>): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>raw Dexie</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page = await context.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ path: 'node_modules/dexie/dist/dexie.min.js' });
    return await page.evaluate(async (rows) => {
      interface RawDexie {
        version(n: number): { stores(schema: Record<string, string>): void };
        open(): Promise<unknown>;
        table(name: string): { bulkPut(rows: object[]): Promise<unknown> };
        delete(): Promise<void>;
      }
      const { Dexie } = globalThis as unknown as { Dexie: new (name: string) => RawDexie }; // Dexie's global build
      const database = new Dexie('raw');
      database.version(1).stores(Object.fromEntries(Object.keys(rows).map((name) => [name, 'id, updatedAt'])));
      await database.open();
      const begun = performance.now();
      for (const [name, list] of Object.entries(rows)) await database.table(name).bulkPut(list);
      const took = performance.now() - begun;
      await database.delete();
      return took;
    }, tables);
  } finally {
    await page.close();
    server.close();
  }
}
