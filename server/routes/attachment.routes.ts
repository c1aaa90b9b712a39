import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { errorAnswers } from '../../shared/dialects/error-body.ts';
import { type Auth, identify } from '../auth/identify.ts';
import { seenBy } from '../auth/visibility.ts';
import { inOrganisation, type Store, type Tenant } from '../store/tenant.ts';
import { answer } from './answer.ts';
import { everyWay, securityOf } from './open-api.ts';
import { type ContentOptions, sendContent } from './send-content.ts';

const detailed = z.looseObject({ detail: z.string() });

/** Serves the files of attachments, at the addresses that answers name them by (`attachmentPath` of shared/dialects/bottlecrm.ts). */
export async function attachmentRoutes(app: FastifyInstance, options: ContentOptions & { store: Store; auth: Auth }): Promise<void> {
  const { store, auth, files } = options;
  const params = z.object({ id: z.string().describe('Id of the attachment'), name: z.string().describe('Its name; any will do') });
  const schema = {
    tags: ['attachments'],
    operationId: 'attachmentsContent',
    security: securityOf(everyWay),
    params,
    produces: ['application/octet-stream'],
    response: { 200: z.string().meta({ format: 'binary', description: 'The bytes' }), 404: detailed, 410: detailed },
  };

  app.get<{ Params: { id: string } }>('/api/attachments/:id/*', { schema }, async (request, reply) => {
    const found = await identify(auth, request, everyWay, null);
    if ('refused' in found) return answer(reply, found.refused);
    const { person } = found;
    const read = async (tenant: Tenant) => {
      const record = (await seenBy(tenant, person, 'activities', request.params.id))?.record;
      if (record?.kind !== 'attachment' || record.sha256 === null) return null;
      const file = await files.find(tenant, record.sha256);
      return { fileName: record.fileName ?? 'file', file: file ?? { sha256: record.sha256, size: record.size ?? 0, mediaType: '' } };
    };
    const attached = await inOrganisation(store, person.organisation, read, 'reads');
    if (attached === null) return answer(reply, errorAnswers.notFound());
    return sendContent(request, reply, options, { ...attached.file, organisation: person.organisation, fileName: attached.fileName });
  });
}
