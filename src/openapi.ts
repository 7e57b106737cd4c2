import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document of every route, and the pages that show it: `/openapi.json` and `/docs`. */
export function serveOpenApi(app: NestFastifyApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, version), { jsonDocumentUrl: 'openapi.json', yamlDocumentUrl: 'openapi.yaml' });
}

export function openApiOf(app: NestFastifyApplication, version: string): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Tollgate')
    .setDescription('A self-hosted LLM gateway. Everything under /v1 also answers under /api/v1.')
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A gateway key.' }, 'key')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same gateway key.' }, 'x-api-key')
    .addSecurityRequirements('key')
    .addSecurityRequirements('x-api-key')
    .build();
  return SwaggerModule.createDocument(app, description, { operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}` });
}
