// Prisma's schema engine without its binary: the WebAssembly build over adapter-pg, and what stands in its way put right.
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';

const PG_CHAR = 18;
const PG_BYTEA = 17;

/** adapter-pg refuses Postgres's internal type "char", which the engine's catalogue queries return: it passes as bytea. */
class CatalogueClient extends pg.Client {
  query(...args) {
    const result = super.query(...args);
    if (typeof args.at(-1) === 'function') return result;
    return result.then((answer) => {
      const fields = [answer].flat().flatMap((each) => each?.fields ?? []);
      for (const field of fields) if (field.dataTypeID === PG_CHAR) field.dataTypeID = PG_BYTEA;
      return answer;
    });
  }
}

/** The pool's own `query` takes callbacks, past which the client above could not see. */
class CataloguePool extends pg.Pool {
  constructor(options) {
    super({ ...options, Client: CatalogueClient });
  }

  async query(...args) {
    const client = await this.connect();
    try {
      return await client.query(...args);
    } finally {
      client.release();
    }
  }
}

/** And here "char" gets its name back. A script goes to the server as it is: adapter-pg would cut it at every semicolon. */
function mend(queryable) {
  const queryRaw = queryable.queryRaw.bind(queryable);
  queryable.queryRaw = async (query) => {
    const result = await queryRaw(query);
    result.columnTypes = result.columnTypes.map((type) => (type === ColumnTypeEnum.Bytes ? ColumnTypeEnum.Character : type));
    return result;
  };
  queryable.executeScript = async (script) => void (await queryable.underlyingDriver().query(script));
  const startTransaction = queryable.startTransaction?.bind(queryable);
  if (startTransaction) queryable.startTransaction = async (...args) => mend(await startTransaction(...args));
  return queryable;
}

async function loadEngine() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(`schema engine: ${message}`) };
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = await WebAssembly.compile(await readFile(path.join(folder, 'schema_engine_bg.wasm')));
  const { exports } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return bindings.SchemaEngine;
}

/** Runs `use(engine)` on an empty database at `url`, which the engine fills and empties as it likes. */
export async function withSchemaEngine({ url, schemaFiles }, use) {
  const pool = new CataloguePool({ connectionString: url, max: 2 });
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => mend(await connect());
  // adapter-pg's own would end up in the same database with a connection string: here that is the empty one.
  factory.connectToShadowDb = factory.connect;
  try {
    const SchemaEngine = await loadEngine();
    const datamodels = schemaFiles.map(({ path: file, content }) => [file, content]);
    return await use(await SchemaEngine.new({ datamodels }, () => undefined, bindMigrationAwareSqlAdapterFactory(factory)));
  } finally {
    await pool.end();
  }
}
