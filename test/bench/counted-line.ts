import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The way from laptops to a server on this computer, which counts what goes over it. */
export interface CountedLine {
  url: string;
  /** Bytes from the laptops and to them, headers included, since the line is there. */
  bytes(): { up: number; down: number };
  close(): Promise<void>;
}

export async function countedLine(to: string): Promise<CountedLine> {
  const port = Number(new URL(to).port);
  const bytes = { up: 0, down: 0 };
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other, way] of [
      [near, far, 'up'],
      [far, near, 'down'],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('data', (part) => (bytes[way] += part.length));
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => ({ ...bytes }),
    async close() {
      for (const one of open) one.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
