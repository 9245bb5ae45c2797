// The page of an API for its customers, with nothing but what a browser has. Its backend gives it the token of a portal session.

const session = await (await fetch('/session', { method: 'POST' })).json();
const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
const find = (selector) => document.querySelector(selector);

async function send(query, input) {
  const response = await fetch(`${session.gateway}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${session.token}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  const [value] = Object.values(data);
  if (value.message) throw new Error(value.message);
  return value;
}

const change = (name, selection) => {
  const type = name[0].toUpperCase() + name.slice(1);
  return `mutation ($input: ${type}Input!) {
    ${name}(input: $input) { ... on ${type}Success { ${selection} } ... on UserError { message } }
  }`;
};

async function show(work) {
  try {
    const { secret } = (await work()) ?? {};
    if (secret) find('output[aria-label=Secret]').textContent = secret;
    const { edges } = await send('{ keys(first: 50) { edges { node { id name state } } } }');
    find('ul').replaceChildren(...edges.map(({ node }) => row(node)));
  } catch (error) {
    find('output[aria-label=Problem]').textContent = error.message;
  }
}

function row({ id, name, state }) {
  const item = document.createElement('li');
  item.textContent = `${name}: ${state} `;
  const actions = {
    Rotate: () => send(change('rotateKey', 'secret'), { keyId: id }),
    Revoke: () => send(change('revokeKey', 'key { id }'), { keyId: id, reason: 'no longer used' }),
  };
  for (const [word, act] of Object.entries(actions)) {
    const button = document.createElement('button');
    button.textContent = `${word} ${name}`;
    button.addEventListener('click', () => show(act));
    item.append(button);
  }
  return item;
}

find('#issue').addEventListener('click', () =>
  show(() => send(change('issueKey', 'secret'), { realm: 'default', name: 'build', scopes, lifetime: 'P30D' })),
);

function follow() {
  const socket = new WebSocket(`${session.gateway.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const say = (message) => socket.send(JSON.stringify(message));
  socket.addEventListener('open', () =>
    say({ type: 'connection_init', payload: { authorization: `Bearer ${session.token}` } }),
  );
  socket.addEventListener('message', ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === 'connection_ack') {
      say({ id: '1', type: 'subscribe', payload: { query: 'subscription { events { type key { name } } }' } });
    }
    if (type === 'ping') say({ type: 'pong' });
    if (type !== 'next') return;
    const item = document.createElement('li');
    item.textContent = `${payload.data.events.type} ${payload.data.events.key?.name}`;
    find('ol').append(item);
  });
  socket.addEventListener('close', ({ code, reason }) => {
    find('output[aria-label=Problem]').textContent = `${code} ${reason}`;
  });
}

follow();
await show(() => undefined);
find('#issue').disabled = false;
