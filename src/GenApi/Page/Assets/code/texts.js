// A request as a program that sends it. Nothing here touches the document.

export const languages = ['curl', 'csharp', 'python', 'javascript'];
const placeholder = 'genapi_YOUR_KEY';

/**
 * The program in a language. `address` is that of POST /generate; `needsKey` whether callers need a key, which the reader puts in. Every
 * text of the body arrives as it is, whatever quotes, backslashes or line breaks it has.
 */
export function codeOf(language, body, { address, needsKey }) {
  return { curl, csharp, python, javascript }[language](body, address, needsKey);
}

/** Line separators end a line in some languages although JSON allows them in texts. */
const json = (value) => JSON.stringify(value, null, 2).replace(/[\u0085\u2028\u2029]/g, escaped);
const escaped = (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;

function curl(body, address, needsKey) {
  const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const key = needsKey ? ` \\\n  -H 'Authorization: Bearer ${placeholder}'` : '';
  return `curl ${quoted(address)}${key} \\\n  -H 'Content-Type: application/json' \\\n  --data-binary ${quoted(json(body))}\n`;
}

function csharp(body, address, needsKey) {
  const text = json(body);
  const longest = Math.max(2, ...(text.match(/"+/g) ?? []).map((run) => run.length));
  const quotes = '"'.repeat(longest + 1);
  const key = needsKey ? `client.DefaultRequestHeaders.Authorization = new("Bearer", "${placeholder}");\n` : '';
  return `using System.Text;

using var client = new HttpClient();
${key}const string Body = ${quotes}
${text}
${quotes};
using var answer = await client.PostAsync(${JSON.stringify(address)}, new StringContent(Body, Encoding.UTF8, "application/json"));
Console.WriteLine(await answer.Content.ReadAsStringAsync());
answer.EnsureSuccessStatusCode();
`;
}

function python(body, address, needsKey) {
  const key = needsKey ? `    headers={"Authorization": "Bearer ${placeholder}"},\n` : '';
  return `import requests

answer = requests.post(
    ${JSON.stringify(address)},
${key}    json=${literal(body, '    ')},
    timeout=120,
)
answer.raise_for_status()
for image in answer.json()["images"]:
    print(image["url"])
`;
}

/** A value as Python writes it. JSON's texts are Python's too, except for halves of characters, which neither can send. */
function literal(value, indent) {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  const inner = `${indent}    `;
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[\n${value.map((each) => `${inner}${literal(each, inner)},\n`).join('')}${indent}]`;
  }
  if (typeof value === 'object') {
    const rows = Object.entries(value).map(([name, each]) => `${inner}${json(name)}: ${literal(each, inner)},\n`);
    return rows.length === 0 ? '{}' : `{\n${rows.join('')}${indent}}`;
  }
  return json(value);
}

function javascript(body, address, needsKey) {
  const key = needsKey ? `Authorization: 'Bearer ${placeholder}', ` : '';
  // As a name in a literal, __proto__ would set the prototype.
  const text = json(body).replace(/"__proto__":/g, '["__proto__"]:').replace(/\n/g, '\n  ');
  return `const answer = await fetch(${JSON.stringify(address)}, {
  method: 'POST',
  headers: { ${key}'Content-Type': 'application/json' },
  body: JSON.stringify(${text}),
});
if (!answer.ok) throw new Error(await answer.text());
for (const image of (await answer.json()).images) console.log(image.url);
`;
}
