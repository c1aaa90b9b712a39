import { implement } from '../../shared/contracts/contract.ts';
import { outboxContract } from '../../shared/contracts/outbox.contract.ts';
import type { MailAccountService, MailSending, OutboxService } from '../domain/outbox.service.ts';

export const outboxHandlers = (outbox: OutboxService, accounts: MailAccountService, worker: MailSending) =>
  implement(outboxContract, {
    state: () => worker.state(),
    list: () => outbox.list(),
    get: ({ id }) => outbox.get(id),
    save: (input) => outbox.save(input),
    cancel: ({ id }) => outbox.cancel(id),
    sendAgain: ({ id }) => outbox.sendAgain(id),
    markSent: ({ id }) => outbox.markSent(id),
    wake: () => {
      worker.wake();
      return {};
    },
    account: () => accounts.state(),
    changeAccount: (input) => accounts.change(input),
    removeAccount: () => accounts.remove(),
    test: async ({ to }) => {
      await worker.test(to);
      return {};
    },
  });
