import { IconMessages } from '@tabler/icons-react';
import type { ActivityView } from '../../../shared/contracts/record.contract.ts';
import { activityHas, activityKinds, emailStatuses } from '../../../shared/nouns/activity/activity.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatInstant } from '../../ui/field-text.ts';
import { AttachedFile } from './attached-file.tsx';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';
import { RecordLink } from '../records/record-link.tsx';

/** What it is, on what and when stands above, in one line. When is set on the Activity tab of the record. */
const above = new Set(['kind', 'about', 'aboutId', 'occurredAt']);

export const activityScreen: NounScreen = {
  noun: 'activities',
  title: 'Activity',
  icon: <IconMessages size={18} stroke={1.75} />,
  purpose: 'Calls, visits, comments, e-mails and files, newest first. Open a record and log on its Activity tab; it shows here too.',
  formFields: [],
  tones: { kind: { comment: 'gray', call: 'green', visit: 'blue', email: 'violet', attachment: 'amber' } },
  hasField: (record, path) => !above.has(path) && activityHas((record as ActivityView).kind, path === 'message' ? 'html' : path),
  Facts: ({ record }) => {
    const activity = record as ActivityView;
    return (
      <>
        <Fact tone={activityScreen.tones['kind']?.[activity.kind] ?? 'gray'}>{activityKinds[activity.kind]}</Fact>
        <Fact label="On">
          <RecordLink noun={activity.about as NounName} id={activity.aboutId}>
            {activity.aboutName ?? 'a record without a name'}
          </RecordLink>
        </Fact>
        {activity.clientId === null || activity.about === 'clients' ? null : (
          <LinkFact label="Client" noun="clients" id={activity.clientId} name={activity.clientName} />
        )}
        <Fact>{formatInstant(activity.time)}</Fact>
        {activity.status === null ? null : <Fact>{emailStatuses[activity.status]}</Fact>}
        {activity.kind === 'attachment' ? (
          <Fact>
            <AttachedFile activity={activity} />
          </Fact>
        ) : null}
      </>
    );
  },
};
