import { planAssignPrograms, programs } from '../../shared/dialects/programs.ts';
import type { LocationContact } from '../../shared/nouns/location-contact/location-contact.ts';
import type { Kept } from '../store/tenant.ts';
import { type Asked, type Call, seen } from './calls.ts';
import { eyesOf, type Facade } from './facade.ts';
import { changePrice, listPrices } from './location-prices.ts';

export const programsFacade: Facade = {
  dialect: programs,
  listBody: null,
  oneBody: (wire) => wire,
  deletedBody: null,
  given: () => undefined,
  problems: {},
  handlers: {
    'program-location-item-price.list': listPrices,
    'program-location-item-price.replace': changePrice,
    'program-location-item-price.change': changePrice,
  },
  children: assignPrograms,
};

/** Where a contact is to work: `assign_programs` names entries of `programs` to keep and program locations to add. */
async function assignPrograms(
  call: Call,
  _wire: string,
  ids: readonly string[],
  before: Kept | null,
): Promise<Asked['alongside'] | { unknown: string }> {
  const { tenant } = call.speaker;
  // Of roles that the person does not see they can say nothing: those stay.
  const hanging =
    before === null
      ? []
      : await tenant.find({ records: [], children: [['locationContacts', before.record.id]], holders: [] }, eyesOf(call.speaker));
  const roles = hanging.filter(({ kept }) => kept.record.deletedAt === null);
  const locationIds = roles.map(({ kept }) => (kept.record as LocationContact).locationId);
  const locationNumbers = new Map((await tenant.get('locations', locationIds)).map(({ record, number }) => [record.id, String(number)]));
  const named = new Map((await seen(call, 'locations', ids)).map(({ record, number }) => [String(number), record.id]));
  const plan = planAssignPrograms(
    ids,
    roles.map(({ kept: { record, number } }) => ({
      remoteId: String(number),
      locationRemoteId: locationNumbers.get((record as LocationContact).locationId) ?? '',
    })),
    (id) => named.has(id),
  );
  const [unknown] = plan.unknown;
  if (unknown !== undefined) return { unknown };
  const gone = roles.filter(({ kept }) => plan.remove.includes(String(kept.number)));
  return (tx, contactId) => {
    for (const { kept } of gone) tx.remove('locationContacts', kept.record.id);
    for (const id of plan.add) tx.create('locationContacts', { contactId, locationId: named.get(id) });
  };
}
