import type { MessageFromRemote, MessageToRemote } from 'rxdb/plugins/storage-remote';
import { describe, expect, it, vi } from 'vitest';
import { type ChannelTimes, openStorageChannel, type StorageChannel } from '../../../../electron/database/storage-channel.ts';
import type { StoragePort } from '../../../../electron/platform/platform.ts';
import type { FromStorageHost, ToStorageHost } from '../../../../shared/contracts/storage-host.ts';
import { atEnd, memoryLog } from './storage-fixture.ts';

function openChannel(times: Partial<ChannelTimes> = {}) {
  const sent: ToStorageHost[] = [];
  const port = {
    sent,
    isClosed: false,
    say: (_: FromStorageHost): void => undefined,
    hangUp: (_: string): void => undefined,
    isBroken: false,
  };
  const storagePort: StoragePort = {
    send(message) {
      if (port.isBroken) throw new Error('The port is closed');
      sent.push(message as ToStorageHost);
    },
    onMessage: (listener) => {
      port.say = listener;
    },
    onClose: (listener) => {
      port.hangUp = listener;
    },
    close: () => {
      port.isClosed = true;
    },
  };
  const log = memoryLog();
  const channel = openStorageChannel(storagePort, 1, log, { readMs: 10_000, writeMs: 30_000, heartbeatMs: 2000, misses: 3, ...times });
  const answers: MessageFromRemote[] = [];
  const errors: unknown[] = [];
  channel.remote.messages$.subscribe({
    next: (answer) => answers.push(answer),
    error: (error) => errors.push(error),
    complete: () => errors.push('completed'),
  });
  return { channel, port, answers, errors, log };
}

describe('a host that talks nonsense', () => {
  for (const message of [
    undefined,
    null,
    7,
    'pong',
    [],
    {},
    { kind: 'rx' },
    { kind: 'rx', message: null },
    { kind: 'rx', message: { answerTo: 1 } },
    { kind: 'pong' },
    { kind: 'lost' },
  ]) {
    it(`is given up after ${JSON.stringify(message)}, and nothing else happens`, async () => {
      const { channel, port } = openChannel();
      port.say(message as never);
      expect(await channel.died).toBe('malformed');
      expect(port.isClosed).toBe(true);
    });
  }
});

let requests = 0;
function request(channel: StorageChannel, method: MessageToRemote['method'] = 'bulkWrite', params: unknown = []): MessageToRemote {
  requests += 1;
  const message: MessageToRemote = { connectionId: 'c', requestId: `r${requests}`, method, version: '17', params };
  channel.remote.send(message);
  return message;
}

const answerTo = (message: MessageToRemote, result: unknown = null): FromStorageHost => ({
  kind: 'rx',
  message: { connectionId: message.connectionId, answerTo: message.requestId, method: message.method, return: result },
});

describe('the line to a storage host', () => {
  it('carries requests in order and answers back', () => {
    const { channel, port, answers } = openChannel();
    const [first, second] = [request(channel), request(channel, 'query')];
    expect(port.sent).toEqual([
      { kind: 'rx', message: first },
      { kind: 'rx', message: second },
    ]);
    port.say(answerTo(second, 'b'));
    port.say(answerTo(first, 'a'));
    expect(answers.map(({ answerTo: id, return: value }) => [id, value])).toEqual([
      [second.requestId, 'b'],
      [first.requestId, 'a'],
    ]);
    channel.kill('end of test');
  });

  const deaths: Record<string, (opened: ReturnType<typeof openChannel>) => void> = {
    'the port closes': ({ port }) => port.hangUp('crashed'),
    'the databases are closed under it': ({ port }) => port.say({ kind: 'lost', reason: 'database-closed' }),
    'the port throws': ({ port, channel }) => {
      port.isBroken = true;
      request(channel);
    },
    'it is killed': ({ channel }) => channel.kill('write-failed'),
  };
  for (const [what, die] of Object.entries(deaths)) {
    it(`answers everything that waits in the same tick when ${what}, without an error in the stream`, async () => {
      const opened = openChannel();
      const waiting = [
        request(opened.channel),
        request(opened.channel, 'query'),
        request(opened.channel, 'close'),
        request(opened.channel, 'custom'),
      ];
      die(opened);
      for (const { requestId, method } of waiting) {
        expect(opened.answers).toContainEqual({
          connectionId: 'c',
          answerTo: requestId,
          method,
          error: { name: 'StorageHostGone', message: expect.any(String) },
        });
      }
      expect(opened.errors).toEqual([]);
      expect(opened.port.isClosed).toBe(true);
      expect(opened.channel.isDead()).toBe(true);
      expect(await opened.channel.died).toEqual(expect.any(String));
    });
  }

  it('answers requests after its death with an error, in the next tick', async () => {
    const { channel, answers, port } = openChannel();
    channel.kill('closing');
    const late = request(channel, 'close');
    expect(answers).toEqual([]);
    await Promise.resolve();
    expect(answers).toMatchObject([{ answerTo: late.requestId, error: { name: 'StorageHostGone' } }]);
    expect(port.sent).toEqual([]);
  });

  it('never delivers an answer that comes after its death, nor one nobody waits for', () => {
    const { channel, port, answers } = openChannel();
    const message = request(channel);
    port.say(answerTo({ ...message, requestId: 'of nobody' }));
    channel.kill('closing');
    port.say(answerTo(message, 'too late'));
    expect(answers).toMatchObject([{ answerTo: message.requestId, error: { name: 'StorageHostGone' } }]);
  });

  it('dies once: the first reason stays', async () => {
    const { channel, port } = openChannel();
    port.hangUp('crashed');
    channel.kill('closing');
    expect(await channel.died).toBe('closed: crashed');
  });

  it('takes closing databases for a death only while nobody asked for it', () => {
    const { channel, port } = openChannel();
    channel.expectClosing();
    port.say({ kind: 'lost', reason: 'database-closed' });
    expect(channel.isDead()).toBe(false);
    channel.kill('end of test');
  });

  it('logs how many calls waited and none of what they carried', () => {
    const { channel, log } = openChannel();
    request(channel, 'bulkWrite', [{ document: { name: 'Kanarienvogel' } }]);
    channel.kill('write-failed');
    expect(log.lines).toEqual([
      { level: 'info', event: 'storage.generation-ended', facts: { generation: 1, reason: 'write-failed', waiting: 1 } },
    ]);
  });
});

describe('a storage host that is silent', () => {
  const withClock = () => {
    vi.useFakeTimers();
    atEnd(async () => void vi.useRealTimers());
  };

  for (const [method, seconds] of [
    ['query', 10],
    ['findDocumentsById', 10],
    ['bulkWrite', 30],
    ['create', 30],
    ['drop', 30],
    ['inspect', 10],
  ] as const) {
    it(`is dead ${seconds} seconds after ${method}`, () => {
      withClock();
      const { channel, answers } = openChannel({ misses: 1000 });
      if (method === 'drop' || method === 'inspect') request(channel, 'custom', { ask: method });
      else request(channel, method);
      vi.advanceTimersByTime(seconds * 1000 - 1);
      expect(channel.isDead()).toBe(false);
      vi.advanceTimersByTime(1);
      expect(channel.isDead()).toBe(true);
      expect(answers).toHaveLength(1);
    });
  }

  it('is dead after three heartbeats without an echo', async () => {
    withClock();
    const { channel, port } = openChannel();
    vi.advanceTimersByTime(7999);
    expect(channel.isDead()).toBe(false);
    expect(port.sent).toEqual([1, 2, 3].map((number) => ({ kind: 'ping', number })));
    vi.advanceTimersByTime(1);
    expect(await channel.died).toBe('no-heartbeat');
  });

  it('lives as long as it echoes, however slow its answers are', () => {
    withClock();
    const { channel, port } = openChannel({ writeMs: 3_600_000 });
    request(channel);
    for (let beat = 1; beat <= 100; beat++) {
      vi.advanceTimersByTime(2000);
      port.say({ kind: 'pong', number: beat });
    }
    expect(channel.isDead()).toBe(false);
    channel.kill('end of test');
  });
});
