import { Injectable } from '@nestjs/common';
import type { RouteOptions } from 'fastify';

/** Which methods each path takes, so that a wrong method can be told from a wrong path. */
@Injectable()
export class RouteTable {
  private readonly routes: { readonly path: RegExp; readonly url: string; readonly methods: readonly string[] }[] = [];

  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    const path = new RegExp(`^${escaped.replace(/:[^/]+/g, '[^/]+').replaceAll('*', '.*')}/?$`);
    this.routes.push({ path, url, methods: [method].flat() });
  }

  methodsOf(path: string): string[] {
    return [...new Set(this.routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods))];
  }

  all(): readonly { readonly url: string; readonly methods: readonly string[] }[] {
    return this.routes;
  }
}
