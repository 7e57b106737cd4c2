/** What a person at a terminal can paste after a start. Without a fresh key it says how to make one. */
export function greeting({ url, key, model }: { url: string; key: string | undefined; model: string }): string {
  const base = url.replace('0.0.0.0', '127.0.0.1').replace('[::1]', '127.0.0.1');
  const shown = key ?? '<your key>';
  const make = key ? '' : '\nMake a key:   npm run tollgate -- keys create --name my-app\n';
  return `
Tollgate listens on ${base}
${make}
A streamed answer with curl:

  curl -N ${base}/v1/chat/completions -H "Authorization: Bearer ${shown}" -H "Content-Type: application/json" \\
    -d '{"model":"${model}","stream":true,"messages":[{"role":"user","content":"Hello, Tollgate!"}]}'

With the openai SDK in Node (npm install openai):

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${base}/v1', apiKey: '${shown}' });
  const stream = await client.chat.completions.create({ model: '${model}', stream: true, messages: [{ role: 'user', content: 'Hello, Tollgate!' }] });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');

With the openai SDK in Python (pip install openai):

  from openai import OpenAI
  client = OpenAI(base_url="${base}/v1", api_key="${shown}")
  for chunk in client.chat.completions.create(model="${model}", stream=True, messages=[{"role": "user", "content": "Hello, Tollgate!"}]):
      print(chunk.choices[0].delta.content or "", end="")

Every route, to read and to try: ${base}/docs

`;
}
