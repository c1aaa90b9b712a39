import { describe, expect, it } from 'vitest';
import type { BookRecord } from '../../../../shared/dialects/book-view.ts';
import { casework, clientIn, clientsIn, primaryLocationOf } from '../../../../shared/dialects/casework.ts';
import { resourceOf } from '../../../../shared/dialects/dialect.ts';
import { encode } from '../../../../shared/dialects/shape.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';

const { answer } = resourceOf(casework, 'clients');

describe('An answer of Casework', () => {
  it('is read nested or bare, whatever its times are called', () => {
    const client = { id: 7, name: 'Acme', created_at: '2023-10-01T10:00:00Z', updated_at: '2023-10-02T10:00:00Z' };
    expect(clientIn({ client })).toEqual(client);
    expect(clientIn({ id: 7, name: 'Acme', created: client.created_at, updated_on: client.updated_at })).toEqual(client);
    for (const body of [[client], [{ client }], { clients: [client] }, { data: [{ client }] }]) expect(clientsIn(body)).toEqual([client]);
    for (const body of [null, 'x', { error: 'no' }]) expect(clientsIn(body)).toEqual([]);
  });

  it('shows a client without a location as one without', () => {
    const book = new MemoryBook();
    const record = book.put('clients', { ...blankRecord('clients', 'clients:7'), name: 'Acme' } as BookRecord);
    expect(encode(answer, record, book.context()).wire).toMatchObject({
      id: 7,
      primary_location: null,
      salesperson: null,
      case_manager: null,
      created_at: '2024-01-01T00:00:00Z',
    });
  });

  it('shows the marked location, else the oldest, and a state that has no code as it is', () => {
    const book = new MemoryBook();
    const record = book.put('clients', {
      ...blankRecord('clients', 'clients:7'),
      name: 'Acme',
      salespersonId: 'directory:9',
    } as BookRecord);
    const place = (id: string, isPrimary: boolean) =>
      book.put('locations', {
        ...blankRecord('locations', `locations:${id}`),
        clientId: record.id,
        name: `Depot ${id}`,
        isPrimary,
        physicalAddress: { ...blankAddress, region: 'New South Wales', country: 'Australia' },
      } as BookRecord);
    place('1', false);
    place('2', false);
    expect(primaryLocationOf(record, book.context())).toMatchObject([{ name: 'Depot 1' }]);
    place('2', true);
    const { wire, unsaid } = encode(answer, record, book.context());
    expect(wire).toMatchObject({ salesperson: 9, primary_location: { id: 2, name: 'Depot 2', state: 'New South Wales', country: 'AU' } });
    expect(unsaid).toEqual([]);
  });
});

const blankAddress = (blankRecord('clients', 'x') as BookRecord & { address: object }).address;
