import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://id.example/';
export const AUDIENCE = 'tollgate';

/** A key pair of an identity provider. */
export interface SigningKey {
  readonly kid: string | undefined;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** As it is published. */
  readonly jwk: JWK;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Publishes keys over HTTP, and counts who asks for them. */
export class IdentityProvider {
  requests = 0;
  private answer: Answer = publishing([]);
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<IdentityProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    const provider = new IdentityProvider(server);
    server.on('request', (request, response) => provider.take(request, response));
    server.on('connection', (socket: Socket) => provider.sockets.add(socket.once('close', () => provider.sockets.delete(socket))));
    await once(server, 'listening');
    return provider;
  }

  get jwksUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  /** From now on. */
  publish(...keys: readonly (SigningKey | JWK)[]): void {
    this.answer = publishing(keys.map((key) => (isSigningKey(key) ? key.jwk : key)));
  }

  behave(answer: Answer): void {
    this.answer = answer;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1;
    this.answer(request, response);
  }
}

function isSigningKey(key: SigningKey | JWK): key is SigningKey {
  return 'privateKey' in key;
}

export async function makeSigningKey(kid: string | undefined, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }), alg, use: 'sig' } };
}

/** Claims of a token that is valid for ten minutes from `nowMs` on. */
export function claimsAt(nowMs: number, claims: object = {}): JWTPayload {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: Math.floor(nowMs / 1_000) + 600, ...claims };
}

export function signToken(
  { kid, alg, privateKey }: Pick<SigningKey, 'kid' | 'alg'> & { readonly privateKey: CryptoKey | Uint8Array },
  claims: JWTPayload,
  header: object = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }), ...header }).sign(privateKey);
}

function publishing(keys: readonly JWK[]): Answer {
  return (_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
}
