import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Pace, ScriptedUpstream } from '../../support/upstream.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { FileGateway, routesTo } from './file-gateway.js';

const FRAMES = streamFrames({ usage: 'none' });
const START_MS = 90_000;

describe('a gateway that is sent SIGHUP', () => {
  let upstream: ScriptedUpstream;
  let gateway: FileGateway;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start();
    upstream.always(answers(completion({ content: 'hello' })));
  });
  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it(
    'reloads its file at once, and cuts no stream of a provider that is gone',
    async () => {
      const pace = new Pace();
      upstream.next(streams(FRAMES, { pace }));
      gateway = await FileGateway.spawn({ 'tollgate.yaml': routesTo({ one: upstream.baseUrl }, { fast: ['one'] }) });
      const streaming = await gateway.stream('fast');
      pace.step();
      await streaming.until((bytes) => bytes.length > 0);

      gateway.write(routesTo({ two: upstream.baseUrl }, { quick: ['two'] }));
      gateway.signal('SIGHUP');
      const line = await gateway.untilLogged('config_reloaded');

      expect(line).toMatchObject({ cause: 'signal', providers: { added: ['two'], removed: ['one'] } });
      expect([await gateway.said('quick'), await gateway.said('fast')]).toEqual(['hello', '404']);
      pace.run();
      expect((await streaming.answer).body.toString()).toBe(FRAMES.join(''));
    },
    START_MS,
  );

  it(
    'says that there is no file where there is none, and goes on',
    async () => {
      gateway = await FileGateway.spawn({});

      gateway.signal('SIGHUP');

      expect(await gateway.untilLogged('config_unchanged')).toMatchObject({
        cause: 'signal',
        file: null,
        msg: 'There is no configuration file to reload.',
      });
      expect(await gateway.said('echo')).not.toBe('404');
    },
    START_MS,
  );
});
