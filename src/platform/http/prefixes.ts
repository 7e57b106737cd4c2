/** Every public route answers under each of these. */
export const V1 = ['v1', 'api/v1'];

/** The administration also answers under its old name. */
export const ADMIN = ['v1/admin', 'api/v1/admin', 'admin'];
