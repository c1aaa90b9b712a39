import type { Page } from '@playwright/test';
import type { Result } from '../../shared/lib/result.ts';

/** Ids of what `fillWholeBook` made, by what a test calls it. */
export interface WholeBook {
  clientId: string;
  contactId: string;
  locationId: string;
  itemId: string;
  roleId: string;
  ownPriceId: string;
  opportunityId: string;
  caseId: string;
  taskId: string;
  draftId: string;
  issuedId: string;
  personId: string;
  teamId: string;
  ownFieldId: string;
  callId: string;
}

/** Some records of every noun of the book, with every kind of value, as a person's commands put them in. */
export function fillWholeBook(page: Page): Promise<WholeBook> {
  return page.evaluate(async () => {
    const { crm } = window;
    const must = async <T>(answer: Promise<Result<T>>): Promise<T> => {
      const result = await answer;
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value;
    };
    const idOf = async (answer: Promise<Result<{ record: { id: string } }>>) => (await must(answer)).record.id;

    const personId = await idOf(crm.directory.create({ kind: 'user', fullName: 'Ada Lovelace', email: 'ada@fieldbook.example' }));
    const teamId = await idOf(crm.directory.create({ kind: 'team', name: 'North', memberIds: [personId] }));
    const ownFieldId = await idOf(crm.ownFields.create({ noun: 'clients', label: 'Year founded', fieldKind: 'number' }));
    await must(crm.ownFields.create({ noun: 'clients', label: 'Contract kind', fieldKind: 'choice', choices: ['Yearly', 'Per visit'] }));
    await must(crm.ownFields.create({ noun: 'locations', label: 'Key kept by', fieldKind: 'text' }));

    const clientId = await idOf(
      crm.clients.create({
        name: 'Adler Bakery',
        email: 'office@adler.example',
        phone: '+49 221 555 0101',
        website: 'adler.example',
        industry: 'hospitality',
        lifecycleStage: 'active_client',
        defaultCurrency: 'EUR',
        paymentTermsDays: 30,
        annualRevenue: '1250000.50',
        nextFollowUpDate: '2026-01-05',
        lastContactDate: '2026-01-02',
        accountOwnerId: personId,
        assignedToIds: [personId],
        teamIds: [teamId],
        tags: ['vip', 'north route'],
        notes: 'Deliveries before 6 in the morning.',
        address: { line1: 'Uferstraße 31', city: 'Köln', postalCode: '50667', country: 'DE' },
        banking: { bankName: 'Harbor Bank', accountNumber: '12345678', accountType: 'business' },
        custom: { 'Year founded': 1987, 'Contract kind': 'Yearly' },
      }),
    );
    await must(crm.clients.create({ name: 'Birch Clinic', lifecycleStage: 'dormant', tags: ['north route'] }));
    await must(crm.clients.create({ name: 'مخبز الميناء', phone: '+20 2 5550 101' }));
    const contactId = await idOf(
      crm.contacts.create({
        clientId,
        firstName: 'Inès',
        lastName: 'García',
        jobTitle: 'Owner',
        email: 'ines@adler.example',
        isPrimary: true,
        links: ['example.com/ines'],
      }),
    );
    await must(crm.contacts.create({ clientId, firstName: 'Jonas', lastName: 'Berg', isActive: false }));
    const locationId = await idOf(
      crm.locations.create({
        clientId,
        name: 'Harbor depot',
        physicalAddress: { line1: '1 Quay', city: 'Köln' },
        primaryPhone: '0221 555 0102',
      }),
    );
    await must(crm.locations.create({ clientId, name: 'Market stall' }));
    const roleId = await idOf(
      crm.locationContacts.create({ locationId, contactId, title: 'Director', startDate: '2026-01-01', endDate: '2026-02-01' }),
    );
    const itemId = await idOf(
      crm.itemPrices.create({ invoiceItem: 'Breath test', itemCode: 'BT010', defaultPrice: '20.00', defaultTaxRate: '0.0775' }),
    );
    await must(crm.itemPrices.create({ invoiceItem: 'Drug screen', itemCode: 'DS001', defaultPrice: '45.00', defaultTaxRate: '0.0775' }));
    const ownPriceId = (await must(crm.locationPrices.set({ locationId, itemPriceId: itemId, customPrice: '18.50' }))).price.id;
    const opportunityId = await idOf(
      crm.opportunities.create({
        clientId,
        contactIds: [contactId],
        name: 'Second oven',
        stage: 'proposal',
        amount: '12500.00',
        currency: 'EUR',
        probability: 60,
        leadSource: 'partner',
        expectedCloseDate: '2026-02-01',
      }),
    );
    const caseId = await idOf(
      crm.cases.create({ clientId, name: 'Oven does not heat', priority: 'urgent', caseType: 'incident', assignedToIds: [personId] }),
    );
    const taskId = await idOf(
      crm.tasks.create({
        clientId,
        opportunityId,
        title: 'Send the offer',
        priority: 'high',
        dueDate: '2026-01-15',
        assignedToIds: [personId],
      }),
    );
    const line = { description: 'Heat pump service', quantity: '2', unitPrice: '100.50', taxRate: '0.07' };
    const draftId = await idOf(crm.invoices.create({ clientId, locationId, lines: [line] }));
    const issuedId = await idOf(crm.invoices.create({ clientId, lines: [line] }));
    await must(crm.app.changeSettings({ company: { name: 'Fieldwork Ltd', address: '', taxId: '', bankLine: '', logoText: '' } }));
    await must(crm.invoices.issue({ id: issuedId }));
    await must(crm.invoices.addPayment({ id: issuedId, payment: { date: '2026-01-20', amount: '50.00', reference: 'Transfer 17' } }));
    const callId = await idOf(
      crm.activities.create({ kind: 'call', about: 'clients', aboutId: clientId, body: 'Asked for a second oven', durationMinutes: 12 }),
    );
    await must(crm.activities.create({ kind: 'visit', about: 'locations', aboutId: locationId, locationId, body: 'Looked at the depot' }));
    await must(
      crm.activities.create({ kind: 'comment', about: 'cases', aboutId: caseId, body: 'Parts are ordered.', mentions: [personId] }),
    );
    return {
      clientId,
      contactId,
      locationId,
      itemId,
      roleId,
      ownPriceId,
      opportunityId,
      caseId,
      taskId,
      draftId,
      issuedId,
      personId,
      teamId,
      ownFieldId,
      callId,
    };
  });
}
