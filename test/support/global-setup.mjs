import '../../scripts/register-ts.mjs';

/** Jest loads this outside its own module system, hence the hooks that let it import the rest of the support code. */
export default async function setUp() {
  const { startStores } = await import('./stores.ts');
  const stores = await startStores();
  Object.assign(process.env, stores.env);
  globalThis.stopTestStores = stores.stop;
}
