import { sql } from 'kysely';
import {
  accountDetailBody,
  accountListBody,
  addedBody,
  bottlecrm,
  commentOrAttachmentSchema,
  type DetailList,
  detailLists,
  emailAnswer,
  mentionedIn,
} from '../../shared/dialects/bottlecrm.ts';
import { type BookRecord, collectionOf } from '../../shared/dialects/book-view.ts';
import { resourceOf } from '../../shared/dialects/dialect.ts';
import { errorAnswers, validationAnswer } from '../../shared/dialects/error-body.ts';
import { askAhead, encode, type EncodeContext, type Shape, topLevelChanges } from '../../shared/dialects/shape.ts';
import type { Wire } from '../../shared/dialects/wire.ts';
import { safeFileName } from '../../shared/nouns/activity/attachment-risk.ts';
import { directoryName } from '../../shared/nouns/directory/directory.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { instantOf } from '../../shared/lib/clock.ts';
import { fold } from '../../shared/lib/text.ts';
import { placeOf } from '../../shared/mail/outbox.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import { seenBy } from '../auth/visibility.ts';
import { Refusal } from '../routes/answer.ts';
import { runCommand } from '../store/command.ts';
import type { KeptFile } from '../store/file-store.ts';
import { bookRecordOf, withBook } from '../store/lazy-book.ts';
import { type ListPage, listParts } from '../store/list-sql.ts';
import { seesAll } from '../store/sight.ts';
import { takeRecipients } from '../store/recipient-limit.ts';
import type { Kept } from '../store/tenant.ts';
import { untilChanged } from '../store/until-changed.ts';
import { type Answered, asked, type Asked, type Call, doerOf, find, queryOf, seen, statusOf, type WholeAnswer } from './calls.ts';
import { alongOf, contextOf, eyesOf, type Facade, show } from './facade.ts';

const accounts = resourceOf(bottlecrm, 'accounts');
const { answer: accountShape, create: createShape, change: changeShape } = accounts;

export const bottlecrmFacade: Facade = {
  dialect: bottlecrm,
  oneBody: (wire) => wire,
  deletedBody: null,
  given: (_record, member, { id }) => (member === 'org' ? id : undefined),
  problems: {},
  listBody: null,
  handlers: {
    'accounts.list': list,
    'accounts.create': create,
    'accounts.get': detail,
    'accounts.change': change,
    'accounts.comment': addToAccount,
    'emails.create': sendMail,
    'comments.change': changeComment,
    'comments.delete': (call) => removeOwn(call, 'comment'),
    'attachments.delete': (call) => removeOwn(call, 'attachment'),
  },
  children: contactsOf,
};

/** Open and closed accounts, each a list of its own, with the contacts of those that are shown. */
async function list(call: Call): Promise<Answered> {
  const { speaker } = call;
  const { tenant, seq, sight } = speaker;
  const query = queryOf(call);
  const [open, closed] = (await listParts(
    tenant,
    { of: 'clients', query, idsAreIntegers: false, sight, seq, along: alongOf(accountShape) },
    [true, false].map((value) => ({ path: 'isActive', is: 'equal', value })),
  )) as [ListPage, ListPage];
  const directory = await readDirectory(speaker);
  const known = [...inNoun('clients', [...open.rows, ...closed.rows]), ...inNoun('directory', [...directory.users, ...directory.teams])];
  const accounts = [...open.rows, ...closed.rows];
  const contactsIn = ({ book }: EncodeContext) => accounts.flatMap(({ record }) => book.having('contacts', 'clientId', record.id));
  const { value: body } = await withBook(
    tenant,
    eyesOf(speaker),
    known,
    (book) => {
      const context = contextOf(speaker, book);
      const shown = (shape: Shape, rows: readonly Kept[]) => rows.map((kept) => encode(shape, bookRecordOf(kept), context).wire);
      return accountListBody({
        open: shown(accountShape, open.rows),
        closed: shown(accountShape, closed.rows),
        openCount: open.total,
        closedCount: closed.total,
        contacts: contactsIn(context).map((contact) => encode(detailLists.contacts, contact, context).wire),
        users: shown(detailLists.assigned_to, directory.users),
        teams: shown(detailLists.teams, directory.teams),
      });
    },
    (book) => {
      const context = contextOf(speaker, book);
      for (const kept of accounts) askAhead(accountShape, bookRecordOf(kept), context);
      for (const contact of contactsIn(context)) askAhead(detailLists.contacts, contact, context);
    },
  );
  return { status: 200, body };
}

async function create(call: Call): Promise<Answered> {
  const { tenant } = call.speaker;
  const { fields, alongside } = await asked(call, createShape as Shape, null);
  const files = await keepFiles(call);
  const { value: id, written } = await runCommand(tenant, doerOf(call), [], (tx) => {
    const made = tx.create('clients', topLevelChanges('clients', null, fields));
    alongside(tx, made.id);
    for (const file of files) attach(tx, made.id, file);
    return made.id;
  });
  return { status: statusOf(call.endpoint), body: await shownAccount(call, written.find(({ record }) => record.id === id) as Kept) };
}

async function change(call: Call): Promise<Answered> {
  const { tenant } = call.speaker;
  await tenant.lock();
  const before = await find(call, false);
  const { id } = before.record;
  const { fields, alongside } = await asked(call, changeShape as Shape, before);
  const files = await keepFiles(call);
  const { written } = await runCommand(tenant, doerOf(call), inNoun('clients', [before]), (tx) => {
    tx.change('clients', id, topLevelChanges('clients', before.record, fields));
    alongside(tx, id);
    for (const file of files) attach(tx, id, file);
  });
  return { status: 200, body: await shownAccount(call, written.find(({ record }) => record.id === id) ?? before) };
}

/** An account with what hangs on it, as far as the person may see it. */
async function detail(call: Call): Promise<Answered> {
  const { speaker } = call;
  const { tenant } = speaker;
  const account = await find(call, false);
  const hanging = await readHanging(call, account.record.id);
  const { users } = await readDirectory(call.speaker);
  const known = [...inNoun('clients', [account]), ...inNoun('directory', users), ...hanging];
  const { value: body } = await withBook(tenant, eyesOf(speaker), known, (book) => {
    const context = contextOf(speaker, book);
    const of = (name: DetailList, records: readonly BookRecord[]) => records.map((one) => encode(detailLists[name], one, context).wire);
    const found = (name: DetailList) =>
      of(
        name,
        hanging.filter((one) => isIn(name, one)).map(({ kept }) => bookRecordOf(kept)),
      );
    const client = account.record as Kept<'clients'>['record']; // the resource's records are clients
    const named = (ids: readonly string[]) => ids.flatMap((id) => context.book.get('directory', id) ?? []);
    return accountDetailBody(encode(accountShape, bookRecordOf(account), context).wire, {
      contacts: found('contacts'),
      opportunities: found('opportunities'),
      cases: found('cases'),
      tasks: found('tasks'),
      invoices: found('invoices'),
      assigned_to: of('assigned_to', named(client.assignedToIds)),
      teams: of('teams', named(client.teamIds)),
      comments: found('comments').toReversed(),
      attachments: found('attachments').toReversed(),
      users_mention: of('users_mention', users.map(bookRecordOf)),
    });
  });
  return { status: 200, body };
}

/** Adds a comment, a file, or both. */
async function addToAccount(call: Call): Promise<Answered> {
  const { speaker } = call;
  const { tenant } = speaker;
  await tenant.lock();
  const { id } = (await find({ ...call, resource: accounts }, false)).record;
  const parsed = commentOrAttachmentSchema.safeParse(call.body, { reportInput: true });
  if (!parsed.success) throw new Refusal(validationAnswer(parsed.error));
  const text = (parsed.data.comment ?? '').trim();
  if (text === '' && call.files.length === 0) throw refused('non_field_errors', 'Add a comment or a file.');
  if (call.files.length > 1) throw refused('attachment', 'Only one file can be added at a time.');
  const { users } = await readDirectory(call.speaker);
  const [file] = await keepFiles(call);
  const people = users.map(({ record }) => record as Kept<'directory'>['record']); // read from the directory
  const { value: made, written } = await runCommand(tenant, doerOf(call), [], (tx) => ({
    comment:
      text === ''
        ? null
        : tx.create('activities', { kind: 'comment', about: 'clients', aboutId: id, body: text, mentions: mentionedIn(text, people) }).id,
    attachment: file === undefined ? null : attach(tx, id, file),
  }));
  const shown = async (of: 'comments' | 'attachments', activityId: string | null): Promise<Wire | null> => {
    const kept = written.find(({ record }) => record.id === activityId);
    return kept === undefined ? null : ((await show(speaker, detailLists[of], [kept]))[0] ?? null);
  };
  return { status: 201, body: addedBody(await shown('comments', made.comment), await shown('attachments', made.attachment)) };
}

async function changeComment(call: Call): Promise<Answered> {
  const { tenant } = call.speaker;
  const comment = await findOwn(call, 'comment');
  const { fields } = await asked(call, call.resource.change as Shape, comment);
  const { id } = comment.record;
  const { written } = await runCommand(tenant, doerOf(call), inNoun('activities', [comment]), (tx) => tx.change('activities', id, fields));
  return { status: 200, body: (await show(call.speaker, detailLists.comments, [written[0] ?? comment]))[0] };
}

async function removeOwn(call: Call, kind: 'comment' | 'attachment'): Promise<Answered> {
  const found = await findOwn(call, kind);
  await runCommand(call.speaker.tenant, doerOf(call), inNoun('activities', [found]), (tx) => tx.remove('activities', found.record.id));
  return { status: 204, body: null };
}

/** Queues an e-mail, and answers whether it left where that is known soon enough. */
async function sendMail(call: Call): Promise<Answered> {
  const { tenant } = call.speaker;
  const { organisation } = tenant;
  const { device } = await tenant.lock();
  const { id: aboutId } = (await find({ ...call, resource: accounts }, false)).record;
  const { fields } = await asked(call, call.resource.create as Shape, null);
  const isLater = fields['status'] === 'scheduled';
  const recipients = [...new Set(fields['recipients'] as string[])];
  const limit = { most: call.services.recipientsPerHour, now: call.clock.now() };
  const waitSeconds = await takeRecipients(tenant, call.person.userId, recipients.length, limit);
  if (waitSeconds > 0) throw new Refusal(errorAnswers.tooMany(waitSeconds));
  const scheduledFor = isLater ? (fields['scheduledFor'] ?? null) : instantOf(call.clock);
  const waiting = { ...fields, recipients, scheduledFor, status: 'scheduled', outbox: placeOf(device) };
  const { value: id } = await runCommand(
    tenant,
    doerOf(call),
    [],
    (tx) => tx.create('activities', { kind: 'email', about: 'clients', aboutId, ...waiting }).id,
  );
  const { mail } = call.services;
  const of = { isLater, hasMailServer: mail !== null };
  const waits = emailAnswer({ status: 'scheduled', failure: null }, id, of);
  return {
    after: async (): Promise<WholeAnswer> => {
      if (mail !== null && !isLater) return emailAnswer(await mail.outcome(organisation, id), id, of);
      mail?.wake();
      return waits;
    },
  };
}

/** A comment or attachment of an account, to be changed. Takes the lock first. */
async function findOwn({ speaker, person, parameters }: Call, kind: 'comment' | 'attachment'): Promise<Kept<'activities'>> {
  const { tenant } = speaker;
  await tenant.lock();
  const kept = await seenBy(tenant, person, 'activities', parameters['pk'] ?? '');
  if (kept?.record.kind !== kind || kept.record.about !== 'clients') throw new Refusal(errorAnswers.notFound());
  return kept;
}

/** Contacts that are to be the account's: they come to it from where they were, and others leave it. */
async function contactsOf(call: Call, _wire: string, ids: readonly string[]): Promise<Asked['alongside'] | { unknown: string }> {
  const there = new Set((await seen(call, 'contacts', ids)).map(({ record }) => record.id));
  const unknown = ids.find((id) => !there.has(id));
  if (unknown !== undefined) return { unknown };
  return (tx, clientId) => {
    for (const { id } of tx.childrenOf(clientId, 'contacts')) if (!ids.includes(id)) tx.change('contacts', id, { clientId: null });
    for (const id of ids) tx.change('contacts', id, { clientId });
  };
}

function attach(tx: Transaction, id: string, { fileName, file }: { fileName: string; file: KeptFile }): string {
  const { sha256, size, mediaType } = file;
  const name = safeFileName(fileName);
  return tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: id, fileName: name, sha256, size, mediaType }).id;
}

/** Files that came with the request, for good if the transaction ends well. */
async function keepFiles({ files, speaker, services }: Call): Promise<{ fileName: string; file: KeptFile }[]> {
  const kept: { fileName: string; file: KeptFile }[] = [];
  for (const { fileName, content } of files) kept.push({ fileName, file: await services.files.keep(speaker.tenant, content) });
  return kept;
}

async function shownAccount({ speaker }: Call, kept: Kept): Promise<Wire | undefined> {
  return (await show(speaker, accountShape, [kept]))[0];
}

/** Everybody in the company, and the teams, by name. */
interface Directory {
  users: Kept[];
  teams: Kept[];
}

/** People and teams of all companies together. */
const directories = untilChanged<Directory>({ most: 20_000, mostOne: 10_000 }, ({ users, teams }) => users.length + teams.length + 1);

async function readDirectory({ tenant, seq }: Call['speaker']): Promise<Directory> {
  const known = directories.get(tenant.organisation, seq);
  if (known !== null) return known;
  const found = await sql<{ doc: unknown; number: number }>`select r.doc, r.number from records r
    where r.organisation_id = ${tenant.organisation} and r.collection = 'directory' and r.deleted_at is null`.execute(tenant.tx);
  const entries = tenant
    .opened('directory', found.rows)
    .map((kept) => ({ kept, name: fold(directoryName(kept.record)) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kept.number - b.kept.number))
    .map(({ kept }) => kept);
  const directory = {
    users: entries.filter(({ record }) => record.kind === 'user' && record.isActive),
    teams: entries.filter(({ record }) => record.kind === 'team'),
  };
  directories.put(tenant.organisation, seq, directory);
  return directory;
}

const hangingNouns = ['contacts', 'opportunities', 'cases', 'tasks', 'invoices', 'activities'] as const;

/** What hangs on an account, oldest first; tasks also by way of its opportunities and cases. */
async function readHanging({ speaker: { tenant, sight } }: Call, id: string): Promise<{ of: NounName; kept: Kept }[]> {
  const shown = [];
  // An activity is seen with the account, whoever wrote it.
  for (const of of hangingNouns) {
    const visible = of === 'activities' ? seesAll : sight(of, 'r');
    shown.push(sql`(r.collection = ${of} and ${visible})`);
  }
  const [organisation, visible] = [tenant.organisation, sql`(${sql.join(shown, sql` or `)})`];
  const columns = sql`r.collection, r.id, r.doc, r.number, r.created_at`;
  const { rows } = await sql<{ collection: NounName; doc: unknown; number: number }>`with own as (
      select ${columns} from records r where r.organisation_id = ${organisation} and r.collection = any(${[...hangingNouns]}) and r.parent_id = ${id}
        and r.deleted_at is null and ${visible} and (r.collection <> 'activities' or r.doc ->> 'kind' in ('comment', 'attachment')))
    select * from own union all
    select ${columns} from records r where r.organisation_id = ${organisation} and r.collection = 'tasks' and r.parent_id is null
      and r.deleted_at is null and ${visible} and (r.second_id = any(array(select id from own where collection = 'opportunities'))
        or r.third_id = any(array(select id from own where collection = 'cases')))
    order by created_at, id`.execute(tenant.tx);
  return rows.flatMap((row) => tenant.opened(row.collection, [row]).map((kept) => ({ of: row.collection, kept })));
}

function isIn(list: DetailList, { of, kept: { record } }: { of: NounName; kept: Kept }): boolean {
  const { kind } = detailLists[list];
  if (of !== collectionOf[kind]) return false;
  return of !== 'activities' || (record as Kept<'activities'>['record']).kind === (kind === 'comments' ? 'comment' : 'attachment'); // only activities have kinds
}

const inNoun = (of: NounName, rows: readonly Kept[]) => rows.map((kept) => ({ of, kept }));
const refused = (field: string, message: string) => new Refusal({ status: 400, body: { [field]: [message] } });
