import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { from, isObservable, mergeAll, type Observable } from 'rxjs';

type InterceptCall = Parameters<InterceptorsConsumer['intercept']>;

/**
 * Makes Nest run interceptors without an async scope, a promise and two operators around each: ours hand `next.handle()` on
 * untouched and work when the response closes. What an interceptor may do stays the same (`docs/decisions/0002-thin-interceptors.md`).
 */
export function runInterceptorsThinly(): void {
  InterceptorsConsumer.prototype.intercept = async function (this: InterceptorsConsumer, ...call: InterceptCall): Promise<unknown> {
    const [interceptors, args, instance, callback, next, type] = call;
    if (interceptors.length === 0) return next();
    const context = this.createContext(args, instance, callback);
    context.setType(type ?? 'http');
    let untouched: Observable<unknown> | undefined;
    let answer: Promise<unknown> | undefined;
    const run = (index: number): Observable<unknown> => {
      const interceptor = interceptors[index];
      if (!interceptor) return (untouched = from((answer = next())));
      const result = interceptor.intercept(context, { handle: () => run(index + 1) });
      return isObservable(result) ? result : from(result).pipe(mergeAll());
    };
    const result = run(0);
    // Handed on by every interceptor as it was made: then nobody needs an observable.
    return result === untouched ? answer : result;
  };
}
