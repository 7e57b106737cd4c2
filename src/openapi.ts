import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `A self-hosted LLM gateway.

Everything under \`/v1\` also answers under \`/api/v1\`, and everything under \`/v1/admin\` also under \`/admin\`.
Send a gateway key as \`Authorization: Bearer <key>\` or as \`X-API-Key: <key>\`.`;

/** Paths that are other names of documented ones. */
const ALIAS = /^\/(?:(?:api\/v1|admin)\/|providers$)/;

/** The OpenAPI document of every route, and the pages that show it: `/openapi.json` and `/docs`. */
export function serveOpenApi(app: NestFastifyApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, version), { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: 'openapi.yaml' });
}

export function openApiOf(app: NestFastifyApplication, version: string): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Tollgate')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A gateway key.' }, 'key')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same gateway key.' }, 'x-api-key')
    .addSecurityRequirements('key')
    .addSecurityRequirements('x-api-key')
    .build();
  const document = SwaggerModule.createDocument(app, description, { autoTagControllers: false });
  return {
    ...document,
    paths: Object.fromEntries(
      Object.entries(document.paths)
        .filter(([path]) => !ALIAS.test(path))
        .map(tidied),
    ),
  };
}

type PathEntry = [string, OpenAPIObject['paths'][string]];

/** One route on several paths gets a numbered id for each, and a wildcard has no name: neither is fit for a generated client. */
function tidied([path, item]: PathEntry): PathEntry {
  const operations = Object.values(item).filter(
    (one): one is { operationId: string } => typeof one === 'object' && one !== null && 'operationId' in one,
  );
  for (const operation of operations) operation.operationId = operation.operationId.replace('Controller', '').replace(/\[\d+\]$/, '');
  return [path.replace('{path}', '{id}'), item];
}
